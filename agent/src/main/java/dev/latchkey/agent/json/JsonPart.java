package dev.latchkey.agent.json;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.secret.SecretValue;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A value within a JSON document that was read as a whole. SECURITY: it points into that document, whose owner wipes it; only {@link #value} copies.
 *
 * @param name in its object; empty in an array
 */
public record JsonPart(
        @SuppressWarnings("ArrayRecordComponent") byte[] json, String name, int begin, int end) {
    /** Whether it is a null. */
    public boolean isNull() {
        return json[begin] == 'n';
    }

    /** Whether it is an object. */
    public boolean isObject() {
        return json[begin] == '{';
    }

    /** Whether it is an array. */
    public boolean isArray() {
        return json[begin] == '[';
    }

    /** Bytes of it in the document. */
    public int size() {
        return end - begin;
    }

    /**
     * The content of a string, the compact JSON of anything else; the receiver's to close.
     *
     * @throws AgentException {@code NO_VALUE} for a null, {@code BAD_VALUE} if it is over 1 MiB, {@code NOT_JSON} for a text that is none
     */
    public SecretValue value() {
        return switch (json[begin]) {
            case 'n' -> throw new AgentException(FailureKind.NO_VALUE, "the field is null");
            case '"' -> SecretValue.owning(bounded(new JsonString(json, begin + 1, end - 1).content()));
            default -> SecretValue.owning(bounded(compact()));
        };
    }

    /** The content of a member of an object, for what is no secret; absent if it is not there or null. Of a name that stands twice the last one counts. */
    public Optional<String> text(String member) {
        return parts().stream()
                .filter(part -> part.name().equals(member) && !part.isNull())
                .reduce((_, last) -> last)
                .map(JsonPart::text);
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
            java.util.Arrays.fill(value, (byte) 0);
            throw new AgentException(FailureKind.BAD_VALUE, "the value is over 1 MiB");
        }
        return value;
    }

    /** Without the space between its parts; the order of keys and the writing of numbers and strings stay. */
    private byte[] compact() {
        byte[] result = new byte[compact(null)];
        compact(result);
        return result;
    }

    /** Copies what is kept, or only counts it. */
    private int compact(byte @Nullable [] to) {
        int length = 0;
        boolean inString = false;
        boolean escaped = false;
        for (int i = begin; i < end; i++) {
            byte b = json[i];
            if (!inString && JsonDocument.isSpace(b)) {
                continue;
            }
            if (b == '"' && !escaped) {
                inString = !inString;
            }
            escaped = b == '\\' && !escaped;
            if (to != null) {
                to[length] = b;
            }
            length++;
        }
        return length;
    }
}
