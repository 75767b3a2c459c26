package dev.latchkey.agent.policy;

import static dev.latchkey.agent.policy.Rules.denying;
import static dev.latchkey.agent.policy.Rules.gids;
import static dev.latchkey.agent.policy.Rules.groups;
import static dev.latchkey.agent.policy.Rules.injecting;
import static dev.latchkey.agent.policy.Rules.limited;
import static dev.latchkey.agent.policy.Rules.listener;
import static dev.latchkey.agent.policy.Rules.rule;
import static dev.latchkey.agent.policy.Rules.scoped;
import static dev.latchkey.agent.policy.Rules.uids;
import static dev.latchkey.agent.policy.Rules.workload;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.latchkey.agent.secret.Scope;
import dev.latchkey.agent.secret.SecretLocation;
import dev.latchkey.agent.workload.Caller;
import dev.latchkey.agent.workload.Workload;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PolicyTest {
    private static final SecretLocation HERE = new SecretLocation("store", "web/production/db");
    private static final Match EMPTY = Match.of();

    @Test
    void allowsWhatTheMatchingRuleAllows() {
        Policy policy = Policy.of(List.of(scoped(rule("web", uids(1000L), "store:web/production/*"), "service")));

        Decision.Allow allow = assertInstanceOf(Decision.Allow.class, decide(policy, caller(1000)));

        assertEquals(new Decision.Allow(HERE, "web", Set.of(new Scope("service"))), allow);
    }

    @Test
    void deniesWhatNoRuleMatches() {
        Policy policy = Policy.of(List.of(rule("web", uids(1000L), "store:**")));

        assertEquals(
                new Decision.Deny(HERE, Optional.empty(), "no rule matches the caller"), decide(policy, caller(1001)));
        assertEquals(
                new Decision.Deny(HERE, Optional.empty(), "no rule matches the caller"),
                decide(Policy.of(List.of()), caller(0)));
    }

    @Test
    void deniesWhatTheRuleDoesNotName() {
        Policy policy = Policy.of(List.of(rule("web", uids(1000L), "store:web/staging/*", "vault:**")));

        assertEquals(
                new Decision.Deny(HERE, Optional.of("web"), "no allow pattern matches"), decide(policy, caller(1000)));
    }

    @Test
    void deniesBeforeItAllows() {
        Policy policy = Policy.of(List.of(denying(rule("web", uids(1000L), "store:**"), "store:*/production/*")));

        assertEquals(
                new Decision.Deny(HERE, Optional.of("web"), "deny store:*/production/* matches"),
                decide(policy, caller(1000)));
    }

    @Test
    void stopsAtTheFirstRuleThatMatchesEvenIfALaterOneWouldAllow() {
        Policy policy = Policy.of(List.of(rule("first", uids(1000L)), rule("second", gids(100L), "store:**")));

        assertEquals(Optional.of("first"), decide(policy, caller(1000)).decidedBy());
        assertInstanceOf(Decision.Deny.class, decide(policy, caller(1000)));
    }

    @Test
    void servesNobodyByARuleWithoutSelectors() {
        Policy policy = Policy.of(List.of(rule("all", EMPTY, "store:**")));

        assertInstanceOf(Decision.Deny.class, decide(policy, caller(1000)));
    }

    @Test
    void servesTheUnmappedUidOnlyWhereItIsNamed() {
        Caller unmapped = caller(Caller.UNMAPPED_UID);
        Policy byOthers = Policy.of(List.of(
                rule("listener", listener("main"), "store:**"),
                rule("gid", gids(100L), "store:**"),
                rule("groups", groups(7L), "store:**")));

        assertInstanceOf(Decision.Deny.class, decide(byOthers, unmapped));
        assertInstanceOf(
                Decision.Allow.class, decide(Policy.of(List.of(rule("named", uids(65534L), "store:**"))), unmapped));
    }

    @Test
    void asksForEverySelectorAndAnyOfEachsValues() {
        Match match = match(Set.of("main", "web"), Set.of(1000L, 1001L), Set.of(100L), Set.of(7L, 8L));
        Policy policy = Policy.of(List.of(rule("all", match, "store:**")));

        assertTrue(allows(policy, new Caller("web", 1, 1001, 100, List.of(8L, 9L))));
        assertFalse(allows(policy, new Caller("other", 1, 1001, 100, List.of(8L))));
        assertFalse(allows(policy, new Caller("web", 1, 1002, 100, List.of(8L))));
        assertFalse(allows(policy, new Caller("web", 1, 1001, 101, List.of(8L))));
        assertFalse(allows(policy, new Caller("web", 1, 1001, 100, List.of(9L))));
        assertFalse(allows(policy, new Caller("web", 1, 1001, 100, List.of())));
    }

    @Test
    void takesSupplementaryGroupsAndTheEffectiveGroupApart() {
        Policy policy = Policy.of(List.of(rule("g", groups(100L), "store:**")));

        assertFalse(allows(policy, new Caller("main", 1, 1000, 100, List.of())));
    }

    @Test
    void permitsAScopedSecretOnlyToARuleWithOneOfItsScopes() {
        Decision.Allow allow = new Decision.Allow(HERE, "r", Set.of(new Scope("service"), new Scope("job")));

        assertTrue(allow.permits(Set.of()));
        assertTrue(allow.permits(Set.of(new Scope("job"), new Scope("other"))));
        assertFalse(allow.permits(Set.of(new Scope("other"))));
        assertFalse(new Decision.Allow(HERE, "r", Set.of()).permits(Set.of(new Scope("job"))));
    }

    @Test
    void explainsWhichPatternDecided() {
        Policy policy = Policy.of(List.of(rule("web", uids(1000L), "vault:**", "store:web/**")));

        Explanation explanation = policy.explain(workload(caller(1000)), HERE);

        assertEquals(decide(policy, caller(1000)), explanation.decision());
        assertEquals("allow store:web/** matches", explanation.reason());
    }

    @Test
    void explainsEverySelectorThatFailed() {
        Match match = match(Set.of("web"), Set.of(1000L), Set.of(5L, 6L), Set.of(8L, 9L));
        Policy policy = Policy.of(List.of(
                rule("all", match),
                rule("groups", groups(7L)),
                denying(rule("mine", uids(1001L), "store:**"), "store:web/**")));

        Explanation explanation = policy.explain(workload(new Caller("main", 1, 1001, 100, List.of(2L, 1L))), HERE);

        assertEquals(Optional.of("mine"), explanation.decision().decidedBy());
        assertEquals(
                "deny store:web/** matches; passed over all: listener main is not web, uid 1001 is not 1000,"
                        + " gid 100 is not one of 5, 6, none of groups 1, 2 is one of 8, 9;"
                        + " groups: none of groups 1, 2 is 7",
                explanation.reason());
    }

    @Test
    void explainsThatNoRuleMatched() {
        Policy policy = Policy.of(List.of(rule("l", listener("main"), "store:**"), rule("g", groups(1L))));

        assertEquals(
                "no rule matches the caller; passed over l: uid 65534 is matched only where it is named;"
                        + " g: uid 65534 is matched only where it is named, the caller has no groups",
                policy.explain(workload(new Caller("main", 1, 65534, 1, List.of())), HERE)
                        .reason());
    }

    @Test
    void findsAMismatchExactlyWhereItDoesNotMatch() {
        Random random = new Random(3);
        for (int round = 0; round < 20_000; round++) {
            Match match = match(
                    random.nextBoolean() ? Set.of() : Set.of("l" + random.nextInt(2)),
                    some(random),
                    some(random),
                    some(random));
            Caller caller =
                    new Caller("l" + random.nextInt(2), 1, id(random), id(random), new ArrayList<>(some(random)));
            Workload workload = workload(caller);
            assertEquals(
                    match.test(workload) == Verdict.FITS,
                    match.mismatches(workload).isEmpty(),
                    match + " on " + caller);
        }
    }

    @Test
    void hasAVersionThatFollowsTheRules() {
        List<Rule> rules = List.of(scoped(rule("a", uids(1L, 2L), "store:a", "store:b"), "s", "t"));

        String version = Policy.of(rules).version();

        assertTrue(version.matches("[0-9a-f]{12}"));
        assertEquals(
                version,
                Policy.of(List.of(scoped(rule("a", uids(2L, 1L), "store:a", "store:b"), "t", "s")))
                        .version());
    }

    @Test
    void hasAVersionOfItsOwnForEveryPolicy() {
        List<Policy> policies = List.of(
                Policy.of(List.of()),
                Policy.of(List.of(rule("a", uids(1L)))),
                Policy.of(List.of(rule("b", uids(1L)))),
                Policy.of(List.of(rule("a", gids(1L)))),
                Policy.of(List.of(rule("a", groups(1L)))),
                Policy.of(List.of(rule("a", listener("1")))),
                Policy.of(List.of(rule("a", uids(1L), "store:a"))),
                Policy.of(List.of(denying(rule("a", uids(1L)), "store:a"))),
                Policy.of(List.of(scoped(rule("a", uids(1L)), "a"))),
                Policy.of(List.of(rule("a", uids(1L)), rule("b", uids(2L)))),
                Policy.of(List.of(rule("b", uids(2L)), rule("a", uids(1L)))),
                Policy.of(List.of(injecting(rule("a", uids(1L)), "store:a"))),
                Policy.of(List.of(limited(rule("a", uids(1L)), new RuleLimits(Optional.empty(), Optional.of(1))))));

        Set<String> versions =
                new HashSet<>(policies.stream().map(Policy::version).toList());

        assertEquals(policies.size(), versions.size());
    }

    /** With selectors for what is not empty. */
    private static Match match(Set<String> listeners, Set<Long> uids, Set<Long> gids, Set<Long> groups) {
        List<Selector> selectors = new ArrayList<>();
        if (!listeners.isEmpty()) {
            selectors.add(new CallerSelector.Listener(listeners));
        }
        if (!uids.isEmpty()) {
            selectors.add(new CallerSelector.Uid(uids));
        }
        if (!gids.isEmpty()) {
            selectors.add(new CallerSelector.Gid(gids));
        }
        if (!groups.isEmpty()) {
            selectors.add(new CallerSelector.Groups(groups));
        }
        return new Match(selectors);
    }

    private static Decision decide(Policy policy, Caller caller) {
        return policy.select(workload(caller)).decide(HERE);
    }

    private static boolean allows(Policy policy, Caller caller) {
        return decide(policy, caller) instanceof Decision.Allow;
    }

    private static Caller caller(long uid) {
        return new Caller("main", 42, uid, 100, List.of(7L));
    }

    private static Set<Long> some(Random random) {
        Set<Long> ids = new HashSet<>();
        while (random.nextInt(3) == 0) {
            ids.add(id(random));
        }
        return ids;
    }

    private static long id(Random random) {
        return random.nextInt(4) == 0 ? Caller.UNMAPPED_UID : random.nextInt(3);
    }
}
