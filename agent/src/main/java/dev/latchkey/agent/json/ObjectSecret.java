package dev.latchkey.agent.json;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.secret.HeldSecret;
import dev.latchkey.agent.secret.SecretValue;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * A secret that its backend holds as an object: delivered as the object, except that one whose only key is {@code value} stands for that value, also
 * inside {@code {"type": "generic", "details": …}}.
 */
public final class ObjectSecret {
    private static final String VALUE = "value";
    private static final String TYPE = "type";
    private static final String DETAILS = "details";
    private static final String NAME = "name";
    private static final String GENERIC = "generic";

    private ObjectSecret() {}

    /** Takes the object over, which is compact. */
    public static HeldSecret plain(HeldSecret.Facts facts, SecretValue object) {
        Optional<SecretValue> only = onlyValue(object);
        return only.map(value -> HeldSecret.of(facts, value, object)).orElseGet(() -> HeldSecret.of(facts, object));
    }

    /**
     * Takes the object over and unwraps {@code {"type", "details"}}; the details of any other type than generic get the secret's name if they have none.
     *
     * @param name the secret's own
     * @throws AgentException {@code PROVIDER_MALFORMED} if it is not of that form
     */
    public static HeldSecret typed(HeldSecret.Facts facts, SecretValue object, String name) {
        try (object) {
            String type = type(object).orElseThrow(ObjectSecret::notTyped);
            HeldSecret.Facts typed = new HeldSecret.Facts(facts.version(), facts.created(), Optional.of(type));
            SecretValue details = pick(object, DETAILS);
            if (type.equals(GENERIC) && names(details).equals(List.of(VALUE))) {
                return HeldSecret.of(typed, pick(details, VALUE), details);
            }
            return HeldSecret.of(typed, type.equals(GENERIC) ? details : named(details, name));
        }
    }

    private static Optional<SecretValue> onlyValue(SecretValue object) {
        List<String> names = names(object);
        if (names.equals(List.of(VALUE))) {
            return Optional.of(pick(object, VALUE));
        }
        if (names.size() == 2 && type(object).filter(GENERIC::equals).isPresent()) {
            try (SecretValue details = pick(object, DETAILS)) {
                return names(details).equals(List.of(VALUE)) ? Optional.of(pick(details, VALUE)) : Optional.empty();
            }
        }
        return Optional.empty();
    }

    /** Absent if it is not exactly a type with details. */
    private static Optional<String> type(SecretValue object) {
        List<String> names = names(object);
        if (names.size() != 2 || !names.contains(TYPE) || !names.contains(DETAILS)) {
            return Optional.empty();
        }
        try (SecretValue type = pick(object, TYPE);
                SecretValue details = pick(object, DETAILS)) {
            boolean isObject = details.<Boolean>leak(bytes -> bytes.length > 0 && bytes[0] == '{');
            return isObject
                    ? Optional.of(type.<String>leak(bytes -> new String(bytes, StandardCharsets.UTF_8)))
                    : Optional.empty();
        }
    }

    private static SecretValue named(SecretValue details, String name) {
        if (names(details).contains(NAME)) {
            return details;
        }
        try (details) {
            byte[] quoted = ("{\"" + NAME + "\":\"" + name.replace("\\", "\\\\").replace("\"", "\\\"") + "\"")
                    .getBytes(StandardCharsets.UTF_8);
            return details.leak(bytes -> SecretValue.owning(joined(quoted, bytes)));
        }
    }

    /** The details begin with their brace, which gives way to the name and a comma. */
    private static byte[] joined(byte[] named, byte[] details) {
        boolean empty = details.length == 2;
        byte[] all = new byte[named.length + details.length - (empty ? 1 : 0)];
        System.arraycopy(named, 0, all, 0, named.length);
        if (empty) {
            all[named.length] = '}';
        } else {
            all[named.length] = ',';
            System.arraycopy(details, 1, all, named.length + 1, details.length - 1);
        }
        return all;
    }

    private static List<String> names(SecretValue object) {
        return object.lend(JsonDocument::names);
    }

    private static SecretValue pick(SecretValue object, String field) {
        return object.leak(bytes -> JsonDocument.pick(bytes, List.of(field)));
    }

    private static AgentException notTyped() {
        return new AgentException(
                FailureKind.PROVIDER_MALFORMED,
                "the secret is not of the form {\"type\", \"details\"}",
                "configure 'layout: plain' to get it as it is");
    }
}
