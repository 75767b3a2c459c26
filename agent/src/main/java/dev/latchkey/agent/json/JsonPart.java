package dev.latchkey.agent.json;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.secret.SecretValue;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A value within a JSON document that was read as a whole. SECURITY: it points into that document, whose owner wipes it; only {@link #writeTo} and
 * {@link #value} copy.
 *
 * @param json from its position 0
 * @param name in its object; empty in an array
 */
public record JsonPart(ByteBuffer json, String name, int begin, int end) {
    /** Whether it is a null. */
    public boolean isNull() {
        return json.get(begin) == 'n';
    }

    /** Whether it is an object. */
    public boolean isObject() {
        return json.get(begin) == '{';
    }

    /** Whether it is an array. */
    public boolean isArray() {
        return json.get(begin) == '[';
    }

    /** Bytes of it in the document, which is as many as {@link #writeTo} writes at most. */
    public int size() {
        return end - begin;
    }

    /**
     * Writes the content of a string, the compact JSON of anything else.
     *
     * @throws AgentException {@code NO_VALUE} for a null, {@code NOT_JSON} for a text that is none
     */
    public void writeTo(ByteBuffer to) {
        switch (json.get(begin)) {
            case 'n' ->
                throw new AgentException(
                        FailureKind.NO_VALUE,
                        "the field is null",
                        "give it a value, or take it out of the secret; with '#' each other field can be bound by itself");
            case '"' -> new JsonString(json, begin + 1, end - 1).writeTo(to);
            default -> writeCompact(to);
        }
    }

    /**
     * The same in an array of its size; the receiver's to close.
     *
     * @throws AgentException as {@link #writeTo}, and {@code BAD_VALUE} if it is over 1 MiB
     */
    public SecretValue value() {
        return SecretValue.owning(bounded(ExactArray.of(size(), this::writeTo)));
    }

    /** The content of a member of an object, for what is no secret; absent if it is not there or null. Of a name that stands twice the last one counts. */
    public Optional<String> text(String member) {
        return parts().stream()
                .filter(part -> part.name().equals(member) && !part.isNull())
                .reduce((_, last) -> last)
                .map(JsonPart::text);
    }

    /** The same for what may be one; the receiver's to close. */
    public Optional<SecretValue> value(String member) {
        return parts().stream()
                .filter(part -> part.name().equals(member) && !part.isNull())
                .reduce((_, last) -> last)
                .map(JsonPart::value);
    }

    private String text() {
        try (SecretValue value = value()) {
            return value.leak(bytes -> new String(bytes, StandardCharsets.UTF_8));
        }
    }

    /**
     * The object that is a member of an object; absent if there is none.
     */
    public Optional<JsonPart> object(String member) {
        return parts().stream()
                .filter(part -> part.name().equals(member) && part.isObject())
                .reduce((_, last) -> last);
    }

    /**
     * What is in an object or an array; empty for anything else. Lies in the same document.
     */
    public List<JsonPart> parts() {
        return isObject() || isArray() ? JsonDocument.parts(this) : List.of();
    }

    /** SECURITY: the content stays where it is. */
    @Override
    public String toString() {
        return "[redacted]";
    }

    private static byte[] bounded(byte[] value) {
        if (value.length > SecretValue.MAX_BYTES) {
            Arrays.fill(value, (byte) 0);
            throw new AgentException(FailureKind.BAD_VALUE, "the value is over 1 MiB");
        }
        return value;
    }

    /** Without the space between its parts; the order of keys and the writing of numbers and strings stay. */
    private void writeCompact(ByteBuffer to) {
        boolean inString = false;
        boolean escaped = false;
        for (int i = begin; i < end; i++) {
            byte b = json.get(i);
            if (!inString && JsonDocument.isSpace(b)) {
                continue;
            }
            if (b == '"' && !escaped) {
                inString = !inString;
            }
            escaped = b == '\\' && !escaped;
            to.put(b);
        }
    }
}
