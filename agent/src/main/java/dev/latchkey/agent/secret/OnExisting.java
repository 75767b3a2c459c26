package dev.latchkey.agent.secret;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.FailureKind;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** What an import does with a name that is there already, with another value or deleted. */
public enum OnExisting {
    /** It stays as it is. */
    SKIP,
    /** It stays as it is, and the import is refused. */
    FAIL,
    /** It gets the value as a new version; a deleted one is revived. */
    NEW_VERSION;

    /** As commands write it. */
    public String text() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** All of them, as commands write them. */
    public static List<String> texts() {
        return Arrays.stream(values()).map(OnExisting::text).toList();
    }

    /**
     * @throws AgentException of kind {@code BAD_ARGUMENT}
     */
    public static OnExisting parse(String text) {
        return Arrays.stream(values())
                .filter(one -> one.text().equals(text))
                .findFirst()
                .orElseThrow(() -> new AgentException(
                        FailureKind.BAD_ARGUMENT,
                        "not a way to treat what exists",
                        "the ways are " + String.join(", ", texts())));
    }
}
