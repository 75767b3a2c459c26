package dev.latchkey.agent.secret;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.FailureKind;
import java.util.regex.Pattern;

/** The name of a secret in the store: 1 to 253 of {@code A-Za-z0-9._-}, not beginning with a dot or a dash; case matters. */
public record SecretName(String text) implements Comparable<SecretName> {
    private static final Pattern GRAMMAR = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._-]{0,252}");

    /**
     * @throws AgentException of kind {@code BAD_NAME}
     */
    public SecretName {
        if (!GRAMMAR.matcher(text).matches()) {
            throw new AgentException(
                    FailureKind.BAD_NAME,
                    "not a secret name: " + Names.quote(text),
                    "a name has 1 to 253 letters, digits, '.', '_' and '-', and begins with a letter, a digit or '_'");
        }
    }

    @Override
    public int compareTo(SecretName other) {
        return text.compareTo(other.text);
    }

    @Override
    public String toString() {
        return text;
    }
}
