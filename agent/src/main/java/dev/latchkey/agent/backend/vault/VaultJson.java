package dev.latchkey.agent.backend.vault;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.json.JsonDocument;
import dev.latchkey.agent.json.JsonPart;
import dev.latchkey.agent.secret.SecretValue;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/** Reads answers. */
public final class VaultJson {
    private VaultJson() {}

    /**
     * A part of an answer; absent if it is not there or null.
     *
     * @throws AgentException {@code PROVIDER_MALFORMED} if the answer is no JSON
     */
    public static Optional<SecretValue> find(String name, byte[] body, String... field) {
        try {
            return Optional.of(JsonDocument.pick(body, List.of(field)));
        } catch (AgentException e) {
            return switch (e.kind()) {
                case FIELD_NOT_FOUND, NO_VALUE -> Optional.empty();
                default -> throw noJson(name);
            };
        }
    }

    /** The same, which must be there. */
    public static SecretValue require(String name, byte[] body, String... field) {
        return find(name, body, field)
                .orElseThrow(() -> new AgentException(
                        FailureKind.PROVIDER_MALFORMED,
                        name + " answers without '" + String.join(".", field) + "'",
                        "check its mount and engine in the configuration"));
    }

    /** The same as text, for what is no secret. */
    public static Optional<String> text(String name, byte[] body, String... field) {
        return find(name, body, field).map(VaultJson::text);
    }

    /** A whole number; 0 if there is none. */
    public static long number(String name, byte[] body, String... field) {
        return text(name, body, field)
                .filter(text -> text.matches("[0-9]{1,18}"))
                .map(Long::valueOf)
                .orElse(0L);
    }

    /**
     * What is in an array, in its order; none if it is not there. Lies in the answer.
     *
     * @throws AgentException {@code PROVIDER_MALFORMED} if the answer is no JSON
     */
    public static List<JsonPart> items(String name, byte[] body, String... field) {
        try {
            return JsonDocument.find(ByteBuffer.wrap(body), List.of(field)).parts();
        } catch (AgentException e) {
            if (e.kind() == FailureKind.FIELD_NOT_FOUND) {
                return List.of();
            }
            throw noJson(name);
        }
    }

    private static AgentException noJson(String name) {
        return new AgentException(
                FailureKind.PROVIDER_MALFORMED,
                name + " answers something that is no JSON",
                "check its address: something else may listen there");
    }

    /** The texts of an array, for what is no secret. */
    public static List<String> texts(byte[] array) {
        return JsonDocument.sequence(array).stream()
                .flatMap(whole -> whole.parts().stream())
                .map(part -> text(part.value()))
                .toList();
    }

    static String text(SecretValue value) {
        try (value) {
            return value.leak(bytes -> new String(bytes, StandardCharsets.UTF_8));
        }
    }
}
