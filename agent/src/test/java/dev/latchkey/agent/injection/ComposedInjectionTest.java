package dev.latchkey.agent.injection;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dev.latchkey.agent.injection.ComposedRequest.Document;
import dev.latchkey.agent.injection.ComposedRequest.Given;
import dev.latchkey.agent.injection.InjectionResult.Refused;
import dev.latchkey.agent.injection.LaunchRequest.RequestedBinding;
import dev.latchkey.agent.policy.Policy;
import dev.latchkey.agent.policy.Rules;
import dev.latchkey.agent.secret.Freshness;
import dev.latchkey.agent.secret.Namespace;
import dev.latchkey.agent.workload.Caller;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ComposedInjectionTest {
    private static final Given NOTHING = new Given(Map.of(), Map.of());

    private final List<String> trace = new ArrayList<>();
    private final FakeProvider store = new FakeProvider("store", trace);
    private final FakeAuditLog audit = new FakeAuditLog(trace);
    private final FakeMemory memory = new FakeMemory();
    private final FakePinnedCaller caller = new FakePinnedCaller(new Caller("main", 42, 1000, 100, List.of()));
    private final Settings settings = new Settings(
            Policy.of(List.of(
                    Rules.denying(Rules.rule("app", Rules.uids(1000L), "store:**"), "store:*/*/root-*"))),
            Namespace.DEFAULT,
            new Providers(List.of(store), "store"));
    private final Injection injection =
            new Injection(() -> settings, audit, memory, InstantSource.fixed(FakeProvider.CREATED));

    @AfterEach
    void leavesNothingBehind() {
        assertEquals(0, store.stillOpen(), "found secrets not closed");
        assertEquals(0, memory.stillOpen(), "segments not wiped");
    }

    @Test
    void saysWhichEntryOfADocumentAHintIsFor() {
        store.put("default/default/db-password", "x");

        Refused refused = refused(manifest("""
                secrets:
                  - {key: db-pasword, inject_as: DB}
                  - {key: other, inject_as: KEY}
                """));

        assertEquals(List.of("DB: did you mean db-password?", "KEY: `agent secret put` makes it"), refused.hints());
    }

    @Test
    void saysAHintThatIsForAllThatFailedWithoutNames() {
        Refused refused = refused(manifest("secrets: [{key: one}, {key: two}]"));

        assertEquals(List.of("`agent secret put` makes it"), refused.hints());
    }

    private Refused refused(Document... documents) {
        return assertInstanceOf(Refused.class, injection.inject(request(NOTHING, List.of(documents)), caller));
    }

    private static Document manifest(String text) {
        return new Document(Optional.empty(), "app.yaml", text.getBytes(StandardCharsets.UTF_8));
    }

    private static ComposedRequest request(Given given, List<Document> documents, RequestedBinding... bindings) {
        return new ComposedRequest(
                new LaunchRequest(
                        false,
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.of("/bin/app"),
                        Optional.empty(),
                        List.of(bindings)),
                Set.of(),
                documents,
                List.of(),
                new ComposedRequest.Switches(false, false, false),
                Optional.empty(),
                Freshness.CONFIGURED,
                new ComposedRequest.Surroundings(Set.of(), Set.of(), false),
                given);
    }
}
