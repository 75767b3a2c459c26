package dev.latchkey.agent.crypto.vaulttransit;

import dev.latchkey.agent.backend.vault.VaultClient;
import dev.latchkey.agent.backend.vault.VaultClient.Answer;
import dev.latchkey.agent.backend.vault.VaultJson;
import dev.latchkey.agent.crypto.AuthenticationException;
import dev.latchkey.agent.crypto.BatchingKey;
import dev.latchkey.agent.crypto.KeyContext;
import dev.latchkey.agent.crypto.KeyEncryptionKey.Generation;
import dev.latchkey.agent.crypto.KeyEncryptionKey.ToUnwrap;
import dev.latchkey.agent.crypto.KeyEncryptionKey.ToWrap;
import dev.latchkey.agent.crypto.WrappedKey;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.json.JsonPart;
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
public final class TransitKey implements BatchingKey {
    /** The name of its type in the configuration, which begins what messages call it. */
    public static final String KIND = "vault-transit";

    /** Those whose ciphertexts can be bound to associated data. */
    private static final Set<String> AUTHENTICATED =
            Set.of("aes128-gcm96", "aes256-gcm96", "chacha20-poly1305", "xchacha20-poly1305");

    /** OpenBao takes 1,000 strings in a request unless told otherwise, names of fields included; each key has six. */
    private static final int MOST = 100;

    private static final Pattern CIPHERTEXT = Pattern.compile("vault:v([1-9][0-9]{0,8}):[A-Za-z0-9+/=]{1,4096}");

    private final VaultClient client;
    private final String place;
    private final String mount;
    private final String key;
    private final LongSupplier nanoTime;
    private volatile List<Generation> known = List.of();
    private volatile int most = MOST;

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
        byte[] body = plainText(new ToWrap(bytes, context));
        String text;
        try (Answer answer = client.post(path("encrypt"), body, within)) {
            requireThere(answer);
            text = VaultJson.text(name(), answer.body(), "data", "ciphertext").orElse("");
        } finally {
            Arrays.fill(body, (byte) 0);
        }
        return wrapped(text, context, deadline);
    }

    private WrappedKey wrapped(String text, KeyContext context, long deadline) {
        Matcher ciphertext = CIPHERTEXT.matcher(text);
        if (!ciphertext.matches()) {
            throw malformed("answers without a ciphertext for the key of " + context.use());
        }
        long version = Long.parseLong(ciphertext.group(1));
        return new WrappedKey(id(version, left(deadline)), text.getBytes(StandardCharsets.US_ASCII));
    }

    private Duration left(long deadline) {
        return Duration.ofNanos(Math.max(1, deadline - nanoTime.getAsLong()));
    }

    @Override
    public int most() {
        return most;
    }

    @Override
    public List<WrappedKey> wrapAll(List<ToWrap> keys, Duration within) {
        long deadline = nanoTime.getAsLong() + within.toNanos();
        byte[] body =
                TransitBatch.request(keys.stream().map(TransitKey::plainText).toList());
        List<String> texts;
        try (Answer answer = client.postOrUnfit(path("encrypt"), body, within)) {
            texts = results(answer, keys.size()).stream()
                    .map(item -> item.text("ciphertext").orElse(""))
                    .toList();
        } finally {
            Arrays.fill(body, (byte) 0);
        }
        List<WrappedKey> wrapped = new ArrayList<>();
        for (int i = 0; i < keys.size(); i++) {
            ToWrap each = keys.get(i);
            wrapped.add(
                    texts.isEmpty()
                            ? wrap(each.key(), each.context(), left(deadline))
                            : wrapped(texts.get(i), each.context(), deadline));
        }
        return wrapped;
    }

    /**
     * What came of each.
     *
     * @return none where the server takes no such batch, and is asked one by one from now on: it may let a request have fewer strings
     */
    private List<JsonPart> results(Answer answer, int expected) {
        if (!answer.unfit()) {
            requireThere(answer);
        }
        List<JsonPart> results = VaultJson.items(name(), answer.body(), "data", "batch_results");
        if (results.size() != expected && !(answer.unfit() && results.isEmpty())) {
            throw malformed("answers " + results.size() + " of " + expected + " keys");
        }
        if (results.isEmpty()) {
            most = 1;
        }
        return results;
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
        byte[] body = cipherText(new ToUnwrap(wrapped, context));
        try (Answer answer = client.postOrUnfit(path("decrypt"), body, within)) {
            if (answer.unfit()) {
                throw new AuthenticationException();
            }
            requireThere(answer);
            return decoded(VaultJson.require(name(), answer.body(), "data", "plaintext"));
        }
    }

    private byte[] decoded(SecretValue plaintext) {
        try (plaintext) {
            return plaintext.leak(Base64.getDecoder()::decode);
        } catch (IllegalArgumentException e) {
            throw malformed("answers with a plaintext that is not base64");
        }
    }

    @Override
    public List<Optional<byte[]>> unwrapAll(List<ToUnwrap> keys, Duration within) {
        long deadline = nanoTime.getAsLong() + within.toNanos();
        byte[] body =
                TransitBatch.request(keys.stream().map(TransitKey::cipherText).toList());
        List<Optional<byte[]>> plain = new ArrayList<>();
        boolean whole = false;
        try (Answer answer = client.postOrUnfit(path("decrypt"), body, within)) {
            List<JsonPart> results = results(answer, keys.size());
            for (int i = 0; i < keys.size(); i++) {
                plain.add(results.isEmpty() ? attempted(keys.get(i), left(deadline)) : plain(results.get(i)));
            }
            whole = true;
            return plain;
        } finally {
            if (!whole) {
                plain.forEach(key -> key.ifPresent(bytes -> Arrays.fill(bytes, (byte) 0)));
            }
        }
    }

    private Optional<byte[]> attempted(ToUnwrap key, Duration within) {
        try {
            return Optional.of(unwrap(key.wrapped(), key.context(), within));
        } catch (AuthenticationException e) {
            return Optional.empty();
        }
    }

    /** An item that failed has an empty plaintext, and an error that is shown to nobody. */
    private Optional<byte[]> plain(JsonPart item) {
        return item.value("plaintext").map(this::decoded).filter(bytes -> bytes.length > 0);
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

    private static byte[] plainText(ToWrap key) {
        byte[] plain = Base64.getEncoder().encode(key.key());
        try {
            return item("plaintext", plain, key.context());
        } finally {
            Arrays.fill(plain, (byte) 0);
        }
    }

    private static byte[] cipherText(ToUnwrap key) {
        return item("ciphertext", key.wrapped().bytes(), key.context());
    }

    /** A key with derivation takes the context for that, any other leaves it alone. */
    private static byte[] item(String field, byte[] text, KeyContext context) {
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
