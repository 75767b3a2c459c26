package dev.latchkey.agent.policy;

import static dev.latchkey.agent.policy.Rules.both;
import static dev.latchkey.agent.policy.Rules.gids;
import static dev.latchkey.agent.policy.Rules.groups;
import static dev.latchkey.agent.policy.Rules.listener;
import static dev.latchkey.agent.policy.Rules.rule;
import static dev.latchkey.agent.policy.Rules.uids;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.latchkey.agent.policy.ProcessSelector.Place;
import dev.latchkey.agent.policy.ProcessSelector.Placed;
import dev.latchkey.agent.policy.RuleProblem.Part;
import dev.latchkey.agent.workload.BearerToken;
import dev.latchkey.agent.workload.Capability;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PolicyCheckTest {
    private static final Match EMPTY = Match.of();
    private static final Match IN_UNIT = Match.of(new Placed(Place.UNIT, Set.of("web.service")));

    /** {@code main} shows pids, {@code web} takes callers without one; pins are weak. */
    private static final PolicyCheck.Surroundings SURROUNDINGS = new PolicyCheck.Surroundings(
            Set.of("main", "web"),
            Set.of("web"),
            Map.of("web", "it has 'pid: any'"),
            Map.of(Capability.STRICT_PIN, "the kernel is too old"));

    @Test
    void refusesASelectorThatNeedsAPidOnASocketWhereThereMayBeNone() {
        assertProblems(
                List.of(
                        rule("on-main", both(listener("main"), IN_UNIT)),
                        rule("on-web", both(listener("web"), IN_UNIT)),
                        rule("on-both", both(listener("main", "web"), IN_UNIT)),
                        rule("anywhere", IN_UNIT)),
                "1 MATCH workload 'on-web' asks for unit on a socket with 'pid: any', where a caller may have no pid to learn it by",
                "2 MATCH workload 'on-both' asks for unit on a socket with 'pid: any', where a caller may have no pid to learn it by");
        assertEquals(
                1,
                check(
                                List.of(rule("anywhere", IN_UNIT)),
                                new PolicyCheck.Surroundings(Set.of("web"), Set.of("web"), Map.of(), Map.of()))
                        .size());
    }

    @Test
    void refusesEveryRuleThatNeedsWhatTheMachineLacks() {
        Match strict = Match.of(new CallerSelector.Uid(Set.of(1L)), new CallerSelector.StrictPin());

        assertProblems(
                List.of(
                        rule("a", strict),
                        rule("b", uids(2L)),
                        rule("c", both(gids(3L), Match.of(new CallerSelector.StrictPin())))),
                "0 MATCH workload 'a' asks for pin, which needs a strict pin of the caller: the kernel is too old",
                "2 MATCH workload 'c' asks for pin, which needs a strict pin of the caller: the kernel is too old");
    }

    @Test
    void refusesAMatchThatOnlyAsksForAPin() {
        assertEquals(
                "workload 'p' has an empty match, which would match every caller",
                check(List.of(rule("p", Match.of(new CallerSelector.StrictPin()))))
                        .getFirst()
                        .message());
    }

    @Test
    void keepsARuleForCallersWithoutAPidBehindOneThatNamesNoListener() {
        assertEquals(List.of(), check(List.of(rule("a", uids(1L)), rule("b", both(listener("web"), uids(1L))))));
        assertProblems(
                List.of(rule("a", uids(1L)), rule("b", both(listener("main"), uids(1L)))),
                "1 MATCH workload 'b' is never reached: 'a' before it matches every caller it matches");
    }

    @Test
    void knowsWhichSelectorsOfAProcessCoverWhich() {
        Match under = within("/system.slice");
        Match web = within("/system.slice/web.service");
        Match starred = within("/system.slice/*");

        assertHidden(true, under, web);
        assertHidden(true, starred, web);
        assertHidden(true, under, starred);
        assertHidden(false, web, starred);
        assertHidden(false, web, under);
        assertHidden(true, container("abcdefabcdef"), container("abcdefabcdef0123"));
        assertHidden(false, container("abcdefabcdef0123"), container("abcdefabcdef"));
        assertHidden(false, IN_UNIT, Match.of(new Placed(Place.POD, Set.of("web.service"))));
        assertHidden(true, token("/a", 1), token("/b", 1));
        assertHidden(false, token("/a", 1), token("/a", 2));
    }

    private static void assertHidden(boolean expected, Match earlier, Match later) {
        assertEquals(
                expected,
                !check(List.of(rule("a", earlier), rule("b", later))).isEmpty(),
                earlier + " before " + later);
    }

    private static Match within(String pattern) {
        return Match.of(new ProcessSelector.Within(Set.of(pattern)));
    }

    private static Match container(String id) {
        return Match.of(new Placed(Place.CONTAINER, Set.of(id)));
    }

    private static Match token(String file, int content) {
        return Match.of(new TokenSelector(Map.of(Path.of(file), BearerToken.of(new byte[] {(byte) content}))));
    }

    @Test
    void findsNothingInRulesThatAreAllReached() {
        List<Rule> rules = List.of(
                rule("a", uids(1L)),
                rule("b", uids(1L, 2L)),
                rule("c", gids(1L)),
                rule("d", groups(1L)),
                rule("e", listener("main")));

        assertEquals(List.of(), check(rules));
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
                List.of(rule("wide", uids(1L, 2L)), rule("narrow", both(listener("main"), uids(2L)))),
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
        Match unmapped = both(listener("main"), uids(65534L));

        assertEquals(List.of(), check(List.of(rule("a", listener("main")), rule("b", unmapped))));
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
        RuleProblem problem = check(List.of(rule("all", EMPTY))).getFirst();

        assertEquals(Part.MATCH, problem.part());
        assertEquals(
                "name at least one selector besides pin: listener, uid, gid, groups, unit, …",
                problem.hint().orElseThrow());
    }

    private static List<RuleProblem> check(List<Rule> rules) {
        return check(rules, SURROUNDINGS);
    }

    private static List<RuleProblem> check(List<Rule> rules, PolicyCheck.Surroundings surroundings) {
        List<String> shown = rules.stream().map(rule -> "'" + rule.name() + "'").toList();
        return PolicyCheck.check(rules, shown, surroundings);
    }

    private static void assertProblems(List<Rule> rules, String... expected) {
        List<String> found = check(rules).stream()
                .map(p -> p.rule() + " " + p.part() + " " + p.message())
                .toList();
        assertEquals(List.of(expected), found);
    }
}
