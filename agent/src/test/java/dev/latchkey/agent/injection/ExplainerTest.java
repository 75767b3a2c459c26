package dev.latchkey.agent.injection;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.injection.Explainer.Explained;
import dev.latchkey.agent.injection.Explainer.Verdict;
import dev.latchkey.agent.policy.Policy;
import dev.latchkey.agent.policy.Rules;
import dev.latchkey.agent.secret.Namespace;
import dev.latchkey.agent.workload.Caller;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ExplainerTest {
    private static final Caller CALLER = new Caller("main", 1, 1001, 100, List.of());

    private final FakeProvider store = new FakeProvider("store", new ArrayList<>());
    private final Policy policy = Policy.of(List.of(
            Rules.rule("other", Rules.uids(1000L), "store:**"),
            Rules.scoped(Rules.rule("mine", Rules.uids(1001L), "store:web/*/work-*"), "service", "batch")));
    private final Explainer explainer =
            new Explainer(() -> new Settings(policy, Namespace.DEFAULT, new Providers(List.of(store), "store")));

    @Test
    void tellsForEachReferenceWhatDecidedAndWhy() {
        List<Explained> all = explainer.explain(
                Rules.workload(CALLER),
                Optional.of("web"),
                Optional.of("live"),
                List.of("work-a,default=x", "store:other#f@2", "a@", "nosuch:a"));

        String passed = "; passed over other: uid 1001 is not 1000";
        assertEquals(
                List.of(
                        new Explained(
                                "work-a",
                                Verdict.ALLOW,
                                Optional.of("mine"),
                                "allow store:web/*/work-* matches" + passed
                                        + "; of secrets with scopes it gives those with batch or service"),
                        new Explained(
                                "store:other#f@2",
                                Verdict.DENY,
                                Optional.of("mine"),
                                "no allow pattern matches" + passed),
                        new Explained(
                                "a@",
                                Verdict.INVALID,
                                Optional.empty(),
                                "column 3 of the reference: the version is empty"),
                        new Explained("nosuch:a", Verdict.INVALID, Optional.empty(), "unknown provider")),
                all);
        assertEquals(List.of(), store.lookups);
        assertEquals("allow", all.getFirst().decision().text());
    }

    @Test
    void tellsThatNoRuleMatched() {
        Caller stranger = new Caller("main", 1, 5, 5, List.of());

        assertEquals(
                List.of(new Explained(
                        "a",
                        Verdict.DENY,
                        Optional.empty(),
                        "no rule matches the caller; passed over other: uid 5 is not 1000; mine: uid 5 is not 1001")),
                explainer.explain(Rules.workload(stranger), Optional.empty(), Optional.empty(), List.of("a")));
    }

    @Test
    void tellsThatARuleWithoutScopesHasNoScopedSecret() {
        Policy policy = Policy.of(List.of(Rules.rule("mine", Rules.uids(1001L), "store:**")));
        Explainer owner =
                new Explainer(() -> new Settings(policy, Namespace.DEFAULT, new Providers(List.of(store), "store")));

        assertEquals(
                "allow store:** matches; the rule names no scopes, so it gives only secrets that have none",
                owner.explain(Rules.workload(CALLER), Optional.empty(), Optional.empty(), List.of("a"))
                        .getFirst()
                        .reason());
    }

    @Test
    void refusesABadProject() {
        AgentException refused = assertThrows(
                AgentException.class,
                () -> explainer.explain(Rules.workload(CALLER), Optional.of("a b"), Optional.empty(), List.of("a")));

        assertEquals(FailureKind.BAD_NAME, refused.kind());
    }
}
