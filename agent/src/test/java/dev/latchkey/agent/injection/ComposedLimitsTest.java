package dev.latchkey.agent.injection;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.latchkey.agent.audit.AuditEvent;
import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.injection.ComposedRequest.Document;
import dev.latchkey.agent.injection.ComposedRequest.Given;
import dev.latchkey.agent.injection.InjectionResult.BindingFailure;
import dev.latchkey.agent.injection.InjectionResult.Delivered;
import dev.latchkey.agent.injection.InjectionResult.Refused;
import dev.latchkey.agent.manifest.ManifestReader;
import dev.latchkey.agent.policy.Policy;
import dev.latchkey.agent.policy.Rules;
import dev.latchkey.agent.secret.Freshness;
import dev.latchkey.agent.secret.Namespace;
import dev.latchkey.agent.workload.Caller;
import dev.latchkey.agent.workload.Presented;
import dev.latchkey.agent.yaml.Problems;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What documents multiply, and where that ends. */
class ComposedLimitsTest {
    private static final String TOO_MUCH = "the request has more than 1024 references, variables and files";
    private static final Given NOTHING = new Given(Map.of(), Map.of());

    private final FakeProvider store = new FakeProvider("store", new ArrayList<>());
    private final FakeAuditLog audit = new FakeAuditLog(new ArrayList<>());
    private final FakeMemory memory = new FakeMemory();
    private final FakePinnedCaller caller = new FakePinnedCaller(new Caller("main", 42, 1000, 100, List.of()));
    private final Settings settings = new Settings(
            Policy.of(List.of(Rules.rule("app", Rules.uids(1000L), "store:**"))),
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
    void asManyReferencesAsARequestMayHaveAreServed() {
        store.put("default/default/a", "x");

        assertEquals(1, delivered(template("${secret:a}".repeat(1_024), "T")));
        assertEquals(
                1_024, delivered(manifest(variables(0, 512, "${secret:a}")), manifest(variables(512, 1_024, "$${x"))));
    }

    @Test
    void moreReferencesThanARequestMayHaveAreRefusedBeforeAnythingIsJudged() {
        String half = "${secret:a}".repeat(513);

        assertTooMuch(template("${secret:a}".repeat(1_025), "T"));
        assertTooMuch(template(half, "T"), template(half, "U"));
        assertTooMuch(template(half, "T"), manifest(variables(0, 512, "${NAME}")));
        assertTooMuch(template("${secret:a}".repeat(23_000), "T"));
        assertTooMuch(manifest(variables(0, 1_024, "x")), template("", "T"));
        assertTooMuch(manifest(entries(0, 600)), manifest(entries(0, 600)));
    }

    @Test
    void theReferencesOfOneDocumentAreCountedWhileItIsRead() {
        String many = "env: {A: '" + "${secret:a}".repeat(1_025) + "'}";
        Problems problems = new Problems();
        ManifestReader.read("app.yaml", many.getBytes(StandardCharsets.UTF_8), problems);
        assertEquals(
                "1025 references are more than 1024", problems.all().getFirst().message());
        assertEquals(
                List.of("app.yaml: 5000 bindings are more than 1024"), messages(refused(manifest(entries(0, 5_000)))));
    }

    @Test
    void whatIsWrongIsToldUpToANumber() {
        String wrong = IntStream.range(0, 100).mapToObj(i -> "k" + i + ": x\n").collect(Collectors.joining());
        Document[] documents = Collections.nCopies(12, manifest(wrong)).toArray(Document[]::new);

        List<String> messages = messages(refused(documents));

        assertEquals(1_025, messages.size());
        assertEquals("and 176 more failures", messages.getLast());
        assertTrue(messages.getFirst().startsWith("app.yaml:1:1: unknown key k0"));
    }

    @Test
    void aLongLiteralThatIsNamedOftenIsHeldOnce() {
        String text = "x".repeat(200_000);
        Document document = manifest("secrets: {a: " + text + "}\nenv: {A: '" + "${a}".repeat(1_024) + "'}");
        Composition composition = Composer.compose(
                request(NOTHING, document), settings, settings.policy().select(caller.workload(Presented.NOTHING)));
        Output output = assertInstanceOf(Composition.Complete.class, composition)
                .outputs()
                .getFirst();
        assertEquals(1_024, output.parts().size());
        assertEquals(1, output.parts().stream().distinct().count());
    }

    @Test
    void aSpreadHasAsManyFieldsAsARequestHasRoomFor() {
        store.put("default/default/most", object(1_023)).put("default/default/more", object(1_024));
        store.put("default/default/huge", object(60_000));

        assertEquals(1_023, delivered(manifest("secrets: [{from: most}]")));
        assertTimeoutPreemptively(Duration.ofSeconds(20), () -> {
            for (String name : List.of("more", "huge")) {
                assertEquals(
                        List.of("app.yaml:1:18 " + name
                                + ": with its fields the request has more than 1024 references, variables and files"),
                        messages(refused(manifest("secrets: [{from: " + name + "}]"))));
            }
        });
        assertEquals(
                1,
                messages(refused(manifest("secrets: [{from: most}]\nenv: {A: b}")))
                        .size());
    }

    @Test
    void nothingMoreIsOpenedForACallerThatEnded() {
        store.put("default/default/a", "1").put("default/default/b", "2").whenOpened(caller::end);

        Refused refused = refused(manifest("secrets: [{key: a, check: {json: true}}, {key: b}]"));

        assertEquals(List.of("the caller ended before its secrets were opened"), messages(refused));
        assertEquals(1, store.opened.size());
    }

    private static String object(int fields) {
        return IntStream.range(0, fields)
                .mapToObj(i -> "\"f%d\":%d".formatted(i, i))
                .collect(Collectors.joining(",", "{", "}"));
    }

    private void assertTooMuch(Document... documents) {
        audit.events.clear();
        Refused refused = refused(documents);
        assertEquals(List.of(TOO_MUCH), messages(refused));
        assertEquals(
                FailureKind.BUNDLE_TOO_LARGE,
                refused.failures().getFirst().failure().kind());
        assertEquals(1, audit.events.size());
        assertInstanceOf(AuditEvent.Rejected.class, audit.events.getFirst());
        assertEquals(List.of(), store.lookups);
    }

    private static List<String> messages(Refused refused) {
        return refused.failures().stream()
                .map(BindingFailure::failure)
                .map(Failure::message)
                .toList();
    }

    private Refused refused(Document... documents) {
        return assertInstanceOf(Refused.class, injection.inject(request(NOTHING, documents), caller));
    }

    /** How many items were delivered. */
    private int delivered(Document... documents) {
        Bundle bundle = assertInstanceOf(Delivered.class, injection.inject(request(NOTHING, documents), caller))
                .bundle();
        try (bundle) {
            return bundle.count();
        }
    }

    private static String variables(int from, int to, String text) {
        return IntStream.range(from, to)
                .mapToObj(i -> "  A%d: '%s'\n".formatted(i, text))
                .collect(Collectors.joining("", "env:\n", ""));
    }

    private static String entries(int from, int to) {
        return IntStream.range(from, to)
                .mapToObj(i -> "- {key: a%d}\n".formatted(i))
                .collect(Collectors.joining("", "secrets:\n", ""));
    }

    private static Document manifest(String text) {
        return new Document(Optional.empty(), "app.yaml", text.getBytes(StandardCharsets.UTF_8));
    }

    private static Document template(String text, String target) {
        return new Document(Optional.of(target), "app.tmpl", text.getBytes(StandardCharsets.UTF_8));
    }

    private static ComposedRequest request(Given given, Document... documents) {
        return new ComposedRequest(
                new LaunchRequest(
                        false,
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.of("/bin/app"),
                        Optional.empty(),
                        List.of()),
                Set.of(),
                List.of(documents),
                List.of(),
                new ComposedRequest.Switches(false, false, false),
                Optional.empty(),
                Freshness.CONFIGURED,
                new ComposedRequest.Surroundings(Set.of(), Set.of(), false),
                given);
    }
}
