package dev.latchkey.agent.backend.aws;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.json.JsonAnswer;
import dev.latchkey.agent.json.JsonDocument;
import dev.latchkey.agent.json.JsonPart;
import dev.latchkey.agent.secret.SecretValue;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/** What a region said, as it came. Closing it wipes it. */
public final class AwsReply implements AutoCloseable {
    private final String name;
    private final byte[] json;

    /**
     * @param name the backend's, for messages
     * @param json taken over
     */
    public AwsReply(String name, byte[] json) {
        this.name = name;
        this.json = json;
    }

    /**
     * A part of it; absent if it is not there or null.
     *
     * @throws AgentException {@code PROVIDER_MALFORMED} if the whole is no JSON
     */
    public Optional<SecretValue> find(String... field) {
        try {
            return Optional.of(JsonDocument.pick(json, List.of(field)));
        } catch (AgentException e) {
            return switch (e.kind()) {
                case FIELD_NOT_FOUND, NO_VALUE -> Optional.empty();
                default ->
                    throw malformed("answers something that is no JSON", "something else may listen at its address");
            };
        }
    }

    /** The same, which must be there. */
    public SecretValue require(String... field) {
        return find(field)
                .orElseThrow(() -> malformed(
                        "answers without '" + String.join(".", field) + "'", "something else may listen there"));
    }

    /** The same as text, for what is no secret. */
    public Optional<String> text(String... field) {
        return find(field).map(value -> {
            try (value) {
                return value.leak(bytes -> new String(bytes, StandardCharsets.UTF_8));
            }
        });
    }

    /**
     * What an array of it has in it, for what is no secret; they lie in the answer.
     *
     * @throws AgentException {@code PROVIDER_MALFORMED} if there is no such array of objects
     */
    public List<JsonPart> objects(String array) {
        return new JsonAnswer(name, json).objects(array);
    }

    /** The bytes that a part of it writes in base64; absent as {@link #find}. They are the caller's to wipe. */
    public Optional<byte[]> bytes(String... field) {
        return find(field).map(value -> {
            try (value) {
                return value.<byte[]>leak(Base64.getDecoder()::decode);
            } catch (IllegalArgumentException e) {
                throw malformed(
                        "answers with '" + String.join(".", field) + "' that is no base64",
                        "something else may listen there");
            }
        });
    }

    private AgentException malformed(String what, String hint) {
        return new AgentException(FailureKind.PROVIDER_MALFORMED, name + " " + what, hint);
    }

    @Override
    public void close() {
        Arrays.fill(json, (byte) 0);
    }

    @Override
    public String toString() {
        return "[redacted]";
    }
}
