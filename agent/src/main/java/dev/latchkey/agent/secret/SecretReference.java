package dev.latchkey.agent.secret;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.FailureKind;
import java.util.List;
import java.util.Optional;

/**
 * Text that points to a secret, taken apart and percent-decoded ({@code protocol/vectors/references.txt} has the grammar).
 *
 * @param provider absent: the default provider
 * @param field the path to a field of a JSON value, empty for the whole value
 * @param version absent: the current one
 */
public record SecretReference(
        Optional<String> provider,
        String path,
        List<String> field,
        Optional<String> version,
        Absence absence,
        Optional<Decoding> decode,
        Optional<Encoding> encode) {
    public SecretReference {
        field = List.copyOf(field);
    }

    /**
     * For a provider without versions.
     *
     * @throws AgentException of kind {@code BAD_REFERENCE} if one is asked
     */
    public void requireNoVersion(String providerName) {
        if (version.isPresent()) {
            throw new AgentException(
                    FailureKind.BAD_REFERENCE, providerName + " has no versions", "leave out '@' and what follows it");
        }
    }

    /** What happens where the secret does not exist. */
    public sealed interface Absence {
        /** The launch is refused. */
        record Fails() implements Absence {}

        /** The variable is removed. */
        record Removes() implements Absence {}

        /** This text is delivered. SECURITY: a user may have put something confidential here; never shown. */
        record Defaults(String text) implements Absence {
            @Override
            public String toString() {
                return "Defaults[redacted]";
            }
        }
    }

    /** How a stored value is decoded before it is delivered. */
    public enum Decoding {
        BASE64,
        HEX
    }

    /** How a value is encoded, after any decoding, before it is delivered. */
    public enum Encoding {
        BASE64,
        BASE64URL,
        HEX,
        URL,
        JSON
    }
}
