package dev.latchkey.agent.secret;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.FailureKind;
import java.util.regex.Pattern;

/** What the grammars of the names have in common. */
final class Names {
    private static final Pattern SHORT = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,62}");
    private static final int SHOWN = 80;

    private Names() {}

    static void requireShort(String what, String text) {
        if (!SHORT.matcher(text).matches()) {
            throw new AgentException(
                    FailureKind.BAD_NAME,
                    "not a name for " + (what.startsWith("e") ? "an " : "a ") + what + ": " + quote(text),
                    "such a name has 1 to 63 letters, digits, '.', '_' and '-', and begins with a letter or a digit");
        }
    }

    /** The text as it may stand in a message: quoted, cut, and without control characters. */
    static String quote(String text) {
        String cut = text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "…";
        return "'" + cut.replaceAll("\\p{Cntrl}", "?") + "'";
    }
}
