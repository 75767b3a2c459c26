package dev.latchkey.agent.json;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.secret.SecretValue;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * What a backend answered.
 *
 * @param name the provider's, for messages
 * @param body the receiver's to wipe
 */
@SuppressWarnings("ArrayRecordComponent") // never compared, and wiped by whoever has it
public record JsonAnswer(String name, byte[] body) {
    /**
     * A part of it; absent if it is not there or null.
     *
     * @throws AgentException {@code PROVIDER_MALFORMED} if the answer is no JSON
     */
    public Optional<SecretValue> find(String... field) {
        try {
            return Optional.of(JsonDocument.pick(body, List.of(field)));
        } catch (AgentException e) {
            return switch (e.kind()) {
                case FIELD_NOT_FOUND, NO_VALUE -> Optional.empty();
                default -> throw noJson();
            };
        }
    }

    /** The same, which must be there. */
    public SecretValue require(String... field) {
        return find(field).orElseThrow(() -> without(String.join(".", field)));
    }

    /** The same as text, for what is no secret. */
    public Optional<String> text(String... field) {
        return find(field).map(JsonAnswer::text);
    }

    /** A whole number that is not negative, also where it is written as text. */
    public Optional<Long> number(String... field) {
        return text(field).filter(text -> text.matches("[0-9]{1,18}")).map(Long::valueOf);
    }

    /**
     * What an array of it has in it, each of which must be an object; they lie in the answer.
     *
     * @throws AgentException {@code PROVIDER_MALFORMED} too if there is no such array
     */
    public List<JsonPart> objects(String array) {
        List<JsonPart> members = whole().parts().stream()
                .filter(part -> part.name().equals(array) && part.isArray())
                .reduce((_, last) -> last)
                .map(JsonPart::parts)
                .orElseThrow(() -> without(array));
        if (!members.stream().allMatch(JsonPart::isObject)) {
            throw without(array);
        }
        return members;
    }

    private JsonPart whole() {
        requireObject();
        return JsonDocument.sequence(body).getFirst();
    }

    private AgentException without(String field) {
        return new AgentException(FailureKind.PROVIDER_MALFORMED, name + " answers without '" + field + "'");
    }

    /** It is an object, or {@code PROVIDER_MALFORMED}. */
    public void requireObject() {
        try {
            JsonDocument.names(ByteBuffer.wrap(body));
        } catch (AgentException e) {
            throw noJson();
        }
    }

    private AgentException noJson() {
        return new AgentException(
                FailureKind.PROVIDER_MALFORMED,
                name + " answers something that is no JSON",
                "check its address: something else may listen there");
    }

    private static String text(SecretValue value) {
        try (value) {
            return value.leak(bytes -> new String(bytes, StandardCharsets.UTF_8));
        }
    }
}
