package dev.latchkey.agent.crypto.vaulttransit;

import dev.latchkey.agent.backend.vault.VaultClient;
import dev.latchkey.agent.backend.vault.VaultClient.Answer;
import dev.latchkey.agent.backend.vault.VaultJson;
import dev.latchkey.agent.crypto.AuthenticationException;
import dev.latchkey.agent.crypto.KeyContext;
import dev.latchkey.agent.crypto.KeyEncryptionKey.Generation;
import dev.latchkey.agent.crypto.RemoteKey;
import dev.latchkey.agent.crypto.WrappedKey;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.secret.SecretValue;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A key of the Transit engine. */
public final class TransitKey implements RemoteKey {
    /** The name of its type in the configuration, which begins what messages call it. */
    public static final String KIND = "vault-transit";

    /** Those whose ciphertexts can be bound to associated data. */
    private static final Set<String> AUTHENTICATED =
            Set.of("aes128-gcm96", "aes256-gcm96", "chacha20-poly1305", "xchacha20-poly1305");

    private static final Pattern CIPHERTEXT = Pattern.compile("vault:v([1-9][0-9]{0,8}):[A-Za-z0-9+/=]{1,4096}");

    private final VaultClient client;
    private final String place;
    private final String mount;
    private final String key;
    private final LongSupplier nanoTime;
    private volatile List<Generation> known = List.of();

    /**
     * @param place of the backend with its namespace, for operators
     * @param key its name, without a slash
     */
    public TransitKey(VaultClient client, String place, String mount, String key, LongSupplier nanoTime) {
        this.client = client;
        this.place = place;
        this.mount = mount;
        this.key = key;
        this.nanoTime = nanoTime;
    }

    @Override
    public void close() {
        client.retire();
    }

    @Override
    public String kind() {
        return KIND;
    }

    @Override
    public String where() {
        return place + "/" + mount + "/keys/" + key;
    }

    /** What messages call the key of that name. */
    public static String name(String mount, String key) {
        return KIND + " " + mount + "/" + key;
    }

    private String name() {
        return name(mount, key);
    }

    @Override
    public List<Generation> generations(Duration within) {
        try (Answer answer = client.get("/v1/" + mount + "/keys/" + key, within)) {
            known = answer.there() ? generations(answer.body()) : List.of();
            return known;
        }
    }

    private List<Generation> generations(byte[] body) {
        String type = VaultJson.text(name(), body, "data", "type").orElse("none");
        if (!AUTHENTICATED.contains(type)) {
            throw new AgentException(
                    FailureKind.STATE_UNUSABLE,
                    name() + " is of a type that cannot bind what it encrypts to its place",
                    "make a key of type aes256-gcm96 or chacha20-poly1305, and name that one");
        }
        long newest = VaultJson.number(name(), body, "data", "latest_version");
        long oldest = Math.max(1, VaultJson.number(name(), body, "data", "min_decryption_version"));
        List<Generation> generations = new ArrayList<>();
        for (long version = newest; version >= oldest; version--) {
            generations.add(generation(body, version));
        }
        return List.copyOf(generations);
    }

    private Generation generation(byte[] body, long version) {
        long made = VaultJson.number(name(), body, "data", "keys", Long.toString(version));
        if (made == 0) {
            throw malformed("does not say when version " + version + " was made");
        }
        return new Generation(stem(version) + made, Instant.ofEpochSecond(made));
    }

    private String stem(long version) {
        return mount + "/" + key + ":v" + version + ":";
    }

    @Override
    public WrappedKey wrap(byte[] bytes, KeyContext context, Duration within) {
        long deadline = nanoTime.getAsLong() + within.toNanos();
        byte[] plain = Base64.getEncoder().encode(bytes);
        byte[] body = request("plaintext", plain, context);
        Arrays.fill(plain, (byte) 0);
        String text;
        try (Answer answer = client.post(path("encrypt"), body, within)) {
            requireThere(answer);
            text = VaultJson.text(name(), answer.body(), "data", "ciphertext").orElse("");
        } finally {
            Arrays.fill(body, (byte) 0);
        }
        Matcher ciphertext = CIPHERTEXT.matcher(text);
        if (!ciphertext.matches()) {
            throw malformed("answers without a ciphertext");
        }
        long version = Long.parseLong(ciphertext.group(1));
        Duration left = Duration.ofNanos(Math.max(1, deadline - nanoTime.getAsLong()));
        return new WrappedKey(id(version, left), text.getBytes(StandardCharsets.US_ASCII));
    }

    /** The id of a version, which is asked for only if the key was rotated since it was last asked. */
    private String id(long version, Duration within) {
        return known(version)
                .or(() -> {
                    generations(within);
                    return known(version);
                })
                .map(Generation::id)
                .orElseThrow(() -> malformed("encrypted under version " + version + ", which it does not list"));
    }

    private Optional<Generation> known(long version) {
        return known.stream().filter(g -> g.id().startsWith(stem(version))).findFirst();
    }

    @Override
    public byte[] unwrap(WrappedKey wrapped, KeyContext context, Duration within) throws AuthenticationException {
        byte[] body = request("ciphertext", wrapped.bytes(), context);
        try (Answer answer = client.postOrUnfit(path("decrypt"), body, within)) {
            if (answer.unfit()) {
                throw new AuthenticationException();
            }
            requireThere(answer);
            try (SecretValue plain = VaultJson.require(name(), answer.body(), "data", "plaintext")) {
                return plain.leak(Base64.getDecoder()::decode);
            } catch (IllegalArgumentException e) {
                throw malformed("answers with a plaintext that is not base64");
            }
        }
    }

    private void requireThere(Answer answer) {
        if (!answer.there()) {
            throw new AgentException(
                    FailureKind.STATE_UNUSABLE, name() + " is not there", "check mount and key in the configuration");
        }
    }

    private String path(String operation) {
        return "/v1/" + mount + "/" + operation + "/" + key;
    }

    /** A key with derivation takes the context for that, any other leaves it alone. */
    private static byte[] request(String field, byte[] text, KeyContext context) {
        byte[] bound = Base64.getEncoder().encode(context.toAssociatedData().toBytes());
        String rest = new String(bound, StandardCharsets.US_ASCII);
        byte[] begin = ("{\"" + field + "\":\"").getBytes(StandardCharsets.US_ASCII);
        byte[] end = ("\",\"associated_data\":\"" + rest + "\",\"context\":\"" + rest + "\"}")
                .getBytes(StandardCharsets.US_ASCII);
        return ByteBuffer.allocate(begin.length + text.length + end.length)
                .put(begin)
                .put(text)
                .put(end)
                .array();
    }

    private AgentException malformed(String what) {
        return new AgentException(FailureKind.PROVIDER_MALFORMED, name() + " " + what);
    }
}
