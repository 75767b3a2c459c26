package dev.latchkey.agent.cli;

import java.util.List;
import java.util.Optional;

/** Options whose values are words of a list. */
final class Choices {
    private Choices() {}

    /** Refuses a word that is not in the list, which it tells. */
    static void require(String option, Optional<String> given, List<String> known) {
        given.filter(word -> !known.contains(word)).ifPresent(_ -> {
            throw refused(option, known);
        });
    }

    static CommandFailure refused(String option, List<String> known) {
        return CommandFailure.usage("not a value for " + option, option + " is one of " + String.join(", ", known));
    }
}
