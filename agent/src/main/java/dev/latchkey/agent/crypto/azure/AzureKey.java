package dev.latchkey.agent.crypto.azure;

import dev.latchkey.agent.backend.azure.AzureAnswer;
import dev.latchkey.agent.backend.azure.AzureClient;
import dev.latchkey.agent.crypto.AuthenticationException;
import dev.latchkey.agent.crypto.KeyContext;
import dev.latchkey.agent.crypto.KeyEncryptionKey.Generation;
import dev.latchkey.agent.crypto.RemoteKey;
import dev.latchkey.agent.crypto.WrappedKey;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.failure.UnavailableException;
import dev.latchkey.agent.secret.SecretValue;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A key of a Key Vault. */
public final class AzureKey implements RemoteKey {
    /** The name of its type in the configuration, which begins what messages call it. */
    public static final String KIND = "azure-key-vault";

    private static final String BEGIN = "{\"alg\":\"RSA-OAEP-256\",\"value\":\"";
    private static final int MOST_PAGES = 40;
    private static final Pattern ID = Pattern.compile("([0-9a-z-]{1,127})/([0-9a-f]{32})");

    private final AzureClient client;
    private final String url;
    private final String key;
    private final LongSupplier nanoTime;

    /**
     * @param url of the vault, for operators
     * @param key its name, in lower case
     */
    public AzureKey(AzureClient client, String url, String key, LongSupplier nanoTime) {
        this.client = client;
        this.url = url;
        this.key = key;
        this.nanoTime = nanoTime;
    }

    /** What messages call the key of that name. */
    public static String name(String key) {
        return KIND + " " + key;
    }

    @Override
    public String kind() {
        return KIND;
    }

    @Override
    public String where() {
        return url + "/keys/" + key;
    }

    @Override
    public List<Generation> generations(Duration within) {
        long deadline = nanoTime.getAsLong() + within.toNanos();
        List<Generation> all = new ArrayList<>();
        Optional<String> more = Optional.of("");
        for (int page = 0; more.isPresent(); page++) {
            if (page == MOST_PAGES) {
                throw malformed("lists versions without end");
            }
            more = addPage(all, more.get(), left(deadline));
        }
        all.sort(Comparator.comparing(Generation::since).reversed().thenComparing(Generation::id));
        return List.copyOf(all);
    }

    @Override
    public void close() {
        client.close();
    }

    /** What the next page is asked for with; absent after the last. */
    private Optional<String> addPage(List<Generation> all, String query, Duration within) {
        try (AzureAnswer answer = client.get("/keys/" + key + "/versions" + query, within)) {
            if (answer.status() == 404) {
                return Optional.empty();
            }
            requireAnswer(answer);
            all.addAll(new VersionsPage(answer.json()).enabled(key));
            return answer.next().map(next -> "?" + next);
        }
    }

    @Override
    public WrappedKey wrap(byte[] bytes, KeyContext context, Duration within) {
        long deadline = nanoTime.getAsLong() + within.toNanos();
        Generation newest = generations(within).stream()
                .findFirst()
                .orElseThrow(() -> unusable("has no enabled version", "enable one, or make the key in its vault"));
        byte[] bound = BoundKey.bound(bytes, context);
        byte[] body = request(bound);
        Arrays.fill(bound, (byte) 0);
        try (AzureAnswer answer = client.post(operation(newest.id(), "wrapkey"), body, left(deadline))) {
            requireAnswer(answer);
            String kid = answer.json().text("kid").orElse("");
            if (!kid.endsWith(newest.id().substring(key.length()))) {
                throw malformed("wrapped under another version than it was asked to");
            }
            return new WrappedKey(newest.id(), value(answer));
        } finally {
            Arrays.fill(body, (byte) 0);
        }
    }

    @Override
    public byte[] unwrap(WrappedKey wrapped, KeyContext context, Duration within) throws AuthenticationException {
        Matcher id = ID.matcher(wrapped.kek());
        if (!id.matches() || !id.group(1).equals(key)) {
            throw new AuthenticationException();
        }
        byte[] body = request(wrapped.bytes());
        try (AzureAnswer answer = client.post(operation(wrapped.kek(), "unwrapkey"), body, within)) {
            // What a version cannot open is a bad parameter to it, and a version that is gone opens nothing.
            if (answer.status() == 400 || answer.status() == 404) {
                throw new AuthenticationException();
            }
            requireAnswer(answer);
            byte[] bound = value(answer);
            try {
                return BoundKey.released(bound, context);
            } finally {
                Arrays.fill(bound, (byte) 0);
            }
        }
    }

    private static String operation(String id, String name) {
        return "/keys/" + id + "/" + name;
    }

    private void requireAnswer(AzureAnswer answer) {
        if (answer.status() == 403
                && (answer.says("KeyDisabled") || answer.says("KeyExpired") || answer.says("KeyNotYetValid"))) {
            throw unusable("is disabled, expired or not yet valid", "enable the version, or make another in the vault");
        }
        if (answer.status() == 403) {
            throw new AgentException(
                    FailureKind.PROVIDER_DENIED,
                    name(key) + " does not let the agent use it (403)",
                    "give the agent's identity the role 'Key Vault Crypto Service Encryption User', or get, list, wrapKey and unwrapKey in an access policy");
        }
        if (answer.status() != 200) {
            throw answer.refusal();
        }
    }

    private static byte[] request(byte[] value) {
        byte[] text = Base64.getUrlEncoder().withoutPadding().encode(value);
        byte[] body = ByteBuffer.allocate(BEGIN.length() + text.length + 2)
                .put(BEGIN.getBytes(StandardCharsets.US_ASCII))
                .put(text)
                .put((byte) '"')
                .put((byte) '}')
                .array();
        Arrays.fill(text, (byte) 0);
        return body;
    }

    private byte[] value(AzureAnswer answer) {
        try (SecretValue value = answer.json().require("value")) {
            return value.leak(Base64.getUrlDecoder()::decode);
        } catch (IllegalArgumentException e) {
            throw malformed("answers with a key that is not base64");
        }
    }

    private AgentException unusable(String what, String hint) {
        return new AgentException(FailureKind.STATE_UNUSABLE, name(key) + " " + what, hint);
    }

    private AgentException malformed(String what) {
        return new AgentException(FailureKind.PROVIDER_MALFORMED, name(key) + " " + what);
    }

    private Duration left(long deadline) {
        long left = deadline - nanoTime.getAsLong();
        if (left <= 0) {
            throw new UnavailableException(Failure.of(FailureKind.TIMED_OUT, name(key) + " did not answer in time"));
        }
        return Duration.ofNanos(left);
    }
}
