package dev.latchkey.agent.policy;

import java.util.Objects;
import java.util.Optional;

/**
 * What is wrong with one rule of a list.
 *
 * @param rule its index, from 0
 * @param part what of it is wrong, for whoever knows the line and the column
 * @param message a sentence that names the rule
 */
public record RuleProblem(int rule, Part part, String message, Optional<String> hint) {
    public RuleProblem {
        Objects.requireNonNull(part);
        Objects.requireNonNull(message);
        Objects.requireNonNull(hint);
    }

    /** The part of a rule that a problem is about. */
    public enum Part {
        NAME,
        MATCH
    }
}
