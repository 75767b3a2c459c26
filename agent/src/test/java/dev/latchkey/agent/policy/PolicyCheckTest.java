package dev.latchkey.agent.policy;

import static dev.latchkey.agent.policy.Rules.gids;
import static dev.latchkey.agent.policy.Rules.groups;
import static dev.latchkey.agent.policy.Rules.listener;
import static dev.latchkey.agent.policy.Rules.rule;
import static dev.latchkey.agent.policy.Rules.uids;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.latchkey.agent.policy.RuleProblem.Part;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PolicyCheckTest {
    private static final Match EMPTY = new Match(Set.of(), Set.of(), Set.of(), Set.of());

    @Test
    void findsNothingInRulesThatAreAllReached() {
        List<Rule> rules = List.of(
                rule("a", uids(1L)),
                rule("b", uids(1L, 2L)),
                rule("c", gids(1L)),
                rule("d", groups(1L)),
                rule("e", listener("main")));

        assertEquals(List.of(), PolicyCheck.check(rules));
    }

    @Test
    void refusesAnEmptyMatchAndDoesNotBlameItForTheRulesBehindIt() {
        assertProblems(
                List.of(rule("all", EMPTY), rule("b", uids(1L))),
                "0 MATCH workload 'all' has an empty match, which would match every caller");
    }

    @Test
    void refusesARuleHiddenByAWiderOne() {
        assertProblems(
                List.of(
                        rule("wide", uids(1L, 2L)),
                        rule("narrow", new Match(Set.of("main"), Set.of(2L), Set.of(), Set.of()))),
                "1 MATCH workload 'narrow' is never reached: 'wide' before it matches every caller it matches");
    }

    @Test
    void refusesARuleHiddenByAnEqualOne() {
        assertProblems(
                List.of(rule("a", groups(7L)), rule("b", groups(7L))),
                "1 MATCH workload 'b' is never reached: 'a' before it matches every caller it matches");
    }

    @Test
    void keepsARuleForTheUnmappedUidBehindOneThatNamesNoUid() {
        Match unmapped = new Match(Set.of("main"), Set.of(65534L), Set.of(), Set.of());

        assertEquals(List.of(), PolicyCheck.check(List.of(rule("a", listener("main")), rule("b", unmapped))));
    }

    @Test
    void refusesARuleForTheUnmappedUidBehindOneThatNamesIt() {
        assertProblems(
                List.of(rule("a", uids(65534L)), rule("b", uids(65534L))),
                "1 MATCH workload 'b' is never reached: 'a' before it matches every caller it matches");
    }

    @Test
    void reportsEveryProblemInTheOrderOfTheRules() {
        assertProblems(
                List.of(rule("a", uids(1L)), rule("a", uids(1L)), rule("c", EMPTY), rule("a", uids(3L))),
                "1 NAME the name 'a' is taken by workload 1",
                "1 MATCH workload 'a' is never reached: 'a' before it matches every caller it matches",
                "2 MATCH workload 'c' has an empty match, which would match every caller",
                "3 NAME the name 'a' is taken by workload 1");
    }

    @Test
    void tellsWhatToDo() {
        RuleProblem problem = PolicyCheck.check(List.of(rule("all", EMPTY))).getFirst();

        assertEquals(Part.MATCH, problem.part());
        assertEquals(
                "name at least one of listener, uid, gid, groups",
                problem.hint().orElseThrow());
    }

    private static void assertProblems(List<Rule> rules, String... expected) {
        List<String> found = PolicyCheck.check(rules).stream()
                .map(p -> p.rule() + " " + p.part() + " " + p.message())
                .toList();
        assertEquals(List.of(expected), found);
    }
}
