package dev.latchkey.agent.injection;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.latchkey.agent.audit.AuditEvent;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.injection.ComposedRequest.Document;
import dev.latchkey.agent.injection.ComposedRequest.Given;
import dev.latchkey.agent.injection.ComposedRequest.GivenFile;
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
            Policy.of(List.of(Rules.denying(Rules.rule("app", Rules.uids(1000L), "store:**"), "store:*/*/root-*"))),
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

    @Test
    void tellsAllThatIsWrongWithATemplateAtOnceWithLineAndColumn() {
        store.put("default/default/db", "{}").put("default/default/there", "x");
        Document template =
                template("a ${secret:nope}\n${NOTSET} ${file:/nope}\n${secret:db#zz} ${secret:there} ${open");

        InjectionResult.Asked asked = assertInstanceOf(
                InjectionResult.Asked.class, injection.inject(request(NOTHING, List.of(template)), caller));
        assertEquals(List.of(new InjectionResult.Wanted(0, "NOTSET")), asked.variables());
        assertEquals(List.of(), audit.events, "nothing was decided");
        Refused refused = refused(
                new Given(
                        Map.of(new ComposedRequest.Key(0, "NOTSET"), Optional.empty()),
                        Map.of(
                                new ComposedRequest.Key(0, "/nope"),
                                new GivenFile(Optional.empty(), "no such file or directory"))),
                template);

        assertEquals(
                List.of(
                        "t.tmpl:2:1: the variable NOTSET is not set",
                        "t.tmpl:2:11: the file '/nope' cannot be read: no such file or directory",
                        "t.tmpl:3:33: a '${' without its '}'",
                        "t.tmpl:1:3: T=nope: not found in default/default",
                        "t.tmpl:3:1: T=db#zz: the secret has no such field"),
                messages(refused));
        assertTrue(refused.hints().contains("t.tmpl:1:3: `agent secret put` makes it"), refused::toString);
        assertEquals(
                FailureKind.BAD_DOCUMENT.text(),
                assertInstanceOf(AuditEvent.Outcome.class, audit.events.getLast())
                        .result());
    }

    @Test
    void opensNothingWhereADocumentIsWrongAndASecretIsDenied() {
        store.put("default/default/db", "{}");

        Refused refused = refused(template("${secret:db#zz} ${secret:root-key} ${open"));

        assertEquals(
                List.of("t.tmpl:1:36: a '${' without its '}'", "t.tmpl:1:17: T=root-key: denied by policy"),
                messages(refused));
        assertEquals(List.of(), store.opened);
    }

    @Test
    void looksNothingUpThatAMisreadManifestNames() {
        Refused refused = refused(manifest("projct: web\nsecrets: [{key: one}]\nenv: {A: '${open'}\n"));

        assertEquals(
                List.of("app.yaml:1:1: unknown key projct", "app.yaml:3:11: a '${' without its '}'"),
                messages(refused));
        assertEquals(List.of(), store.lookups);
    }

    @Test
    void namesTheProviderThatIsNone() {
        ComposedRequest asked = request(NOTHING, List.of(manifest("secrets: [{key: one}]")));
        ComposedRequest elsewhere = new ComposedRequest(
                asked.launch(),
                asked.files(),
                asked.documents(),
                asked.spreads(),
                asked.switches(),
                Optional.of("nope"),
                asked.freshness(),
                asked.surroundings(),
                asked.given());

        AgentException refused = assertThrows(AgentException.class, () -> injection.inject(elsewhere, caller));

        assertEquals(
                Failure.of(
                        FailureKind.UNKNOWN_PROVIDER,
                        "--secrets-backend: unknown provider nope",
                        "the configured providers are store"),
                refused.failure());
    }

    @Test
    void saysHowToHaveTheWholeOfWhatHasNoFields() {
        store.put("default/default/stripe-key", "sk_live");

        Refused refused = refused(manifest("secrets: [{from: stripe-key}]"));

        assertEquals(
                List.of("app.yaml:1:18 stripe-key: the value is not JSON, so it has no fields"), messages(refused));
        assertEquals(List.of("bind the whole value under a name of its own: --secret NAME=REF"), refused.hints());
    }

    private Refused refused(Document... documents) {
        return refused(NOTHING, documents);
    }

    private Refused refused(Given given, Document... documents) {
        return assertInstanceOf(Refused.class, injection.inject(request(given, List.of(documents)), caller));
    }

    private static List<String> messages(Refused refused) {
        return refused.failures().stream()
                .map(failure -> failure.failure().message())
                .toList();
    }

    private static Document template(String text) {
        return new Document(Optional.of("T"), "t.tmpl", text.getBytes(StandardCharsets.UTF_8));
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
