package dev.latchkey.agent.imports;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.secret.SecretName;
import java.util.Optional;

/**
 * From a name of somewhere else to one of the store. The rule is: a slash at either end is dropped, every other one becomes a dot, and nothing else is changed;
 * what then is no name is refused. A field of an object is called like the object, a dot, and the field.
 */
public final class ImportName {
    private ImportName() {}

    /** The store's name; absent if there is none by the rule. */
    public static Optional<SecretName> of(String foreign) {
        int begin = foreign.startsWith("/") ? 1 : 0;
        int end = foreign.length() - (foreign.length() > begin && foreign.endsWith("/") ? 1 : 0);
        try {
            return Optional.of(new SecretName(foreign.substring(begin, end).replace('/', '.')));
        } catch (AgentException notOne) {
            return Optional.empty();
        }
    }

    /** A field of a secret. */
    public static String ofField(String secret, String field) {
        return secret + "." + field;
    }
}
