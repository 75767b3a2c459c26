package dev.latchkey.agent.policy;

import dev.latchkey.agent.policy.RuleProblem.Part;
import dev.latchkey.agent.workload.Caller;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Finds the rules that cannot mean what they say: without a selector, never reached, of a name that is taken. */
public final class PolicyCheck {
    private final List<Rule> rules;
    private final List<RuleProblem> problems = new ArrayList<>();

    private PolicyCheck(List<Rule> rules) {
        this.rules = rules;
    }

    /** All problems of the rules, in their order; none if the list may be put in force. */
    public static List<RuleProblem> check(List<Rule> rules) {
        PolicyCheck check = new PolicyCheck(rules);
        check.names();
        for (int index = 0; index < rules.size(); index++) {
            check.match(index);
        }
        check.problems.sort(
                (a, b) -> a.rule() != b.rule() ? a.rule() - b.rule() : a.part().compareTo(b.part()));
        return List.copyOf(check.problems);
    }

    private void names() {
        Map<String, Integer> taken = new HashMap<>();
        for (int index = 0; index < rules.size(); index++) {
            String name = rules.get(index).name();
            Integer earlier = taken.putIfAbsent(name, index);
            if (earlier != null) {
                add(
                        index,
                        Part.NAME,
                        "the name '" + name + "' is taken by workload " + (earlier + 1),
                        "decisions and audit records show the name, so each workload needs its own");
            }
        }
    }

    private void match(int index) {
        Rule rule = rules.get(index);
        if (rule.match().isEmpty()) {
            add(
                    index,
                    Part.MATCH,
                    "workload '" + rule.name() + "' has an empty match, which would match every caller",
                    "name at least one of listener, uid, gid, groups");
            return;
        }
        hidingRule(index)
                .ifPresent(hiding -> add(
                        index,
                        Part.MATCH,
                        "workload '" + rule.name() + "' is never reached: '" + hiding.name()
                                + "' before it matches every caller it matches",
                        "put the narrower match first"));
    }

    /** The first earlier rule that leaves nothing to this one; an empty match is a problem of its own and hides nothing. */
    private Optional<Rule> hidingRule(int index) {
        Match match = rules.get(index).match();
        return rules.subList(0, index).stream()
                .filter(earlier -> !earlier.match().isEmpty() && covers(earlier.match(), match))
                .findFirst();
    }

    /** Whether every caller that the later selectors match is matched by the earlier ones too. */
    private static boolean covers(Match earlier, Match later) {
        return coversUids(earlier.uids(), later.uids())
                && covers(earlier.listeners(), later.listeners())
                && covers(earlier.gids(), later.gids())
                && covers(earlier.groups(), later.groups());
    }

    /** The unmapped uid is matched only where it is named, so a selector that names none does not cover one that names it. */
    private static boolean coversUids(Set<Long> earlier, Set<Long> later) {
        return earlier.isEmpty() ? !later.contains(Caller.UNMAPPED_UID) : covers(earlier, later);
    }

    private static <T> boolean covers(Set<T> earlier, Set<T> later) {
        return earlier.isEmpty() || (!later.isEmpty() && earlier.containsAll(later));
    }

    private void add(int rule, Part part, String message, String hint) {
        problems.add(new RuleProblem(rule, part, message, Optional.of(hint)));
    }
}
