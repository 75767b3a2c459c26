package dev.latchkey.agent.policy;

import java.util.List;
import java.util.stream.Collectors;

/**
 * Why a decision is what it is, for operators.
 *
 * @param settledBy the pattern that decided, or that there was none
 * @param passed the rules before the deciding one, or all of them if none matched
 */
public record Explanation(Decision decision, String settledBy, List<PassedOver> passed) {
    public Explanation {
        passed = List.copyOf(passed);
    }

    /** A rule that did not match the caller, and each of its selectors that failed, in words. */
    public record PassedOver(String rule, List<String> mismatches) {
        public PassedOver {
            mismatches = List.copyOf(mismatches);
        }

        @Override
        public String toString() {
            return rule + ": " + String.join(", ", mismatches);
        }
    }

    /** All of it in one line: what decided, then each rule that was passed over. */
    public String reason() {
        String others = passed.stream().map(PassedOver::toString).collect(Collectors.joining("; "));
        return passed.isEmpty() ? settledBy : settledBy + "; passed over " + others;
    }
}
