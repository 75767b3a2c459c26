package dev.latchkey.agent.policy;

import dev.latchkey.agent.workload.Workload;
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

    /**
     * A rule that did not match the caller, and each of its conditions that failed, in words.
     *
     * @param selectors how many it has
     */
    public record PassedOver(String rule, int selectors, List<String> mismatches) {
        public PassedOver {
            mismatches = List.copyOf(mismatches);
        }

        static PassedOver of(Match match, String rule, Workload workload) {
            return new PassedOver(rule, match.selectors().size(), match.mismatches(workload));
        }

        /** How many conditions failed stands there where some did not, for such a rule was nearly the one. */
        @Override
        public String toString() {
            String nearly =
                    mismatches.size() < selectors ? " (" + mismatches.size() + " of " + selectors + " failed)" : "";
            return rule + nearly + ": " + String.join(", ", mismatches);
        }
    }

    /** All of it in one line: what decided, then each rule that was passed over. */
    public String reason() {
        String others = passed.stream().map(PassedOver::toString).collect(Collectors.joining("; "));
        return passed.isEmpty() ? settledBy : settledBy + "; passed over " + others;
    }
}
