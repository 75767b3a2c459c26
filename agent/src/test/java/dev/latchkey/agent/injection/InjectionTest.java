package dev.latchkey.agent.injection;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.latchkey.agent.audit.AuditEvent;
import dev.latchkey.agent.audit.AuditEvent.Item;
import dev.latchkey.agent.audit.AuditEvent.Outcome;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.injection.InjectionResult.BindingFailure;
import dev.latchkey.agent.injection.InjectionResult.Delivered;
import dev.latchkey.agent.injection.InjectionResult.PlanEntry;
import dev.latchkey.agent.injection.InjectionResult.Planned;
import dev.latchkey.agent.injection.InjectionResult.Refused;
import dev.latchkey.agent.injection.LaunchRequest.RequestedBinding;
import dev.latchkey.agent.policy.Policy;
import dev.latchkey.agent.policy.Rule;
import dev.latchkey.agent.policy.RuleLimits;
import dev.latchkey.agent.policy.Rules;
import dev.latchkey.agent.secret.Holding;
import dev.latchkey.agent.secret.Namespace;
import dev.latchkey.agent.secret.SecretLocation;
import dev.latchkey.agent.workload.Caller;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class InjectionTest {
    private static final String CANARY = "c4nary-Value";
    private static final Caller CALLER = new Caller("main", 42, 1000, 100, List.of(7L));

    private final List<String> trace = new ArrayList<>();
    private final FakeProvider store = new FakeProvider("store", trace);
    private final FakeProvider vault = new FakeProvider("vault", trace);
    private final FakeAuditLog audit = new FakeAuditLog(trace);
    private final FakeMemory memory = new FakeMemory();
    private final FakePinnedCaller caller = new FakePinnedCaller(CALLER);
    private final List<Bundle> bundles = new ArrayList<>();
    private Settings settings = settings(policy());
    private final Injection injection = new Injection(
            () -> settings, audit, memory, InstantSource.fixed(FakeProvider.CREATED.plus(Duration.ofHours(1))));

    @AfterEach
    void leavesNothingBehind() {
        assertEquals(0, store.stillOpen(), "found secrets not closed");
        assertEquals(bundles.size(), memory.stillOpen(), "segments not wiped");
        bundles.forEach(Bundle::close);
        assertEquals(0, memory.stillOpen());
        for (byte[] value : store.opened) {
            assertArrayEquals(new byte[value.length], value, "an opened value was not zeroed");
        }
        assertFalse(audit.events.toString().contains(CANARY));
    }

    // ---- what is done at once

    @Test
    void isDoneAtOnceWhereAllOfItIsAtHand() {
        store.atHand.addAll(List.of("default/default/a", "web/production/b@3"));

        assertTrue(injection.injectsAtOnce(request(false, bind("A", "a"), bind("B", "web/production/b@3")), caller));
        assertTrue(injection.concludesAtOnce());
        assertEquals(List.of(), trace, "to ask is no look-up");
    }

    @ParameterizedTest
    @ValueSource(strings = {"b", "a@1", "vault:a", "nowhere:a", "a@1@2", "bad!"})
    void isNotDoneAtOnceWhereAnythingMustBeLookedFor(String other) {
        store.atHand.add("default/default/a");

        assertFalse(injection.injectsAtOnce(request(false, bind("A", "a"), bind("B", other)), caller));
    }

    /** Else the time of a refusal would tell. */
    @Test
    void doesNotDependOnWhetherThereIsWhatIsDenied() {
        store.atHand.addAll(List.of("default/default/a", "default/default/root-there"));

        for (String denied : List.of("root-there", "root-missing")) {
            assertTrue(injection.injectsAtOnce(request(false, bind("A", "a"), bind("B", denied)), caller));
        }
        FakePinnedCaller stranger = new FakePinnedCaller(new Caller("main", 43, 2000, 100, List.of()));
        for (String any : List.of("a", "missing")) {
            assertTrue(injection.injectsAtOnce(request(false, bind("A", any)), stranger));
        }
    }

    @Test
    void isNotDoneAtOnceWhereTheAuditLogWaits() {
        store.atHand.add("default/default/a");
        audit.atOnce = false;

        assertFalse(injection.injectsAtOnce(request(false, bind("A", "a")), caller));
        assertFalse(injection.concludesAtOnce());
    }

    @Test
    void isNotDoneAtOnceWhereThereIsMuchToDo() {
        store.atHand.add("default/default/a");
        RequestedBinding[] many =
                IntStream.range(0, 17).mapToObj(i -> bind("A" + i, "a")).toArray(RequestedBinding[]::new);

        assertTrue(injection.injectsAtOnce(request(false, Arrays.copyOf(many, 16)), caller));
        assertFalse(injection.injectsAtOnce(request(false, many), caller));
    }

    // ---- what is delivered

    @Test
    void deliversEveryValueInTheOrderOfTheRequest() {
        store.put("default/default/b", "two").put("default/default/a", "one").put("web/production/c", "");

        Bundle bundle = delivered(bind("A", "a"), bind("B", "b"), bind("C", "web/production/c@7"));

        assertEquals("A=one\0B=two\0C=\0", text(bundle));
        assertEquals(3, bundle.count());
        assertEquals(List.of(), bundle.removed());
        assertEquals(
                List.of("store:default/default/a@7", "store:default/default/b@7", "store:web/production/c@7"),
                bundle.contents().versions());
    }

    @Test
    void tellsWhatABundleHoldsEachVersionOnce() {
        store.put("default/default/a", "{\"x\":\"1\",\"y\":\"2\"}").put("default/default/b", "two");

        Bundle bundle = delivered(bind("A", "a#x"), bind("B", "b"), bind("C", "a#y"), bind("D", "missing,optional"));

        assertEquals("app", bundle.contents().workload());
        assertEquals(
                List.of(
                        new Holding(new SecretLocation("store", "default/default/a"), "7"),
                        new Holding(new SecretLocation("store", "default/default/b"), "7")),
                bundle.contents().holdings());
    }

    @Test
    void holdsALeaseOnlyForWhatIsComplete() {
        FakeLease lease = new FakeLease();
        store.put("default/default/a", CANARY).lease("default/default/a", lease);

        injection.inject(request(false, bind("A", "a"), bind("B", "missing")), caller);
        injection.inject(request(true, bind("A", "a")), caller);
        assertEquals(0, lease.holds, "nothing was delivered");

        Bundle bundle = delivered(bind("A", "a"), bind("B", "a,encode=hex"));
        assertEquals(1, lease.holds);
        assertTrue(bundle.contents().holdings().getFirst().hold().isPresent());
    }

    @Test
    void deliversEveryByteButNul() {
        byte[] all = new byte[255];
        IntStream.range(0, 255).forEach(i -> all[i] = (byte) (i + 1));
        store.put("default/default/a", all);

        Bundle bundle = delivered(bind("A", "a"));

        byte[] block = bytes(bundle);
        assertArrayEquals(all, Arrays.copyOfRange(block, 2, 257));
        assertEquals(258, block.length);
    }

    @Test
    void opensAValueWithoutOptionsWhereItIsDelivered() {
        store.put("default/default/a", CANARY)
                .put("default/default/b", "")
                .put("default/default/json", "{\"x\":\"y\"}");
        store.openDirectly();

        Bundle bundle = delivered(bind("A", "a"), bind("B", "b"), bind("C", "json#x"));

        assertEquals("A=" + CANARY + "\0B=\0C=y\0", text(bundle));
        assertEquals(1, store.opened.size(), "only the one with a field passed through an array");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void findsANulWhereverItIs(boolean direct) {
        if (direct) {
            store.openDirectly();
        }
        for (int length = 1; length < 20; length++) {
            for (int at = 0; at < length; at++) {
                byte[] value = new byte[length];
                Arrays.fill(value, (byte) (at % 2 == 0 ? 0x80 : 0x01));
                store.put("default/default/clean", value);
                value[at] = 0;
                store.put("default/default/nul", value);

                assertEquals(length + 3, bytes(delivered(bind("A", "clean"))).length);
                assertFailures(
                        refused(bind("A", "nul")),
                        "0 VALUE_HAS_NUL the value has a NUL byte, which cannot stand in a variable");
            }
        }
    }

    @Test
    void wipesAndRecordsWhenAValueIsLargerThanItsProviderSaid() {
        store.put("default/default/a", CANARY);
        store.understateSizes(1);

        assertThrows(IllegalStateException.class, () -> inject(bind("A", "a")));
        assertEquals(new Outcome(1, "internal", List.of()), audit.events.getLast());
    }

    @Test
    void deliversAnObjectOfTheStoreAsItIs() {
        store.put("default/default/a", "{ \"value\" : \"x\" }");

        assertEquals("A={ \"value\" : \"x\" }\0", text(delivered(bind("A", "a"))));
    }

    @Test
    void picksDecodesAndEncodesInThatOrder() {
        store.put("default/default/db", "{\"password\":\"cDpAc3M=\",\"n\":[1, 2]}");

        Bundle bundle = delivered(
                bind("A", "db#password,decode=base64,encode=url"), bind("B", "db#n"), bind("C", "db#password"));

        assertEquals("A=p%3A%40ss\0B=[1,2]\0C=cDpAc3M=\0", text(bundle));
        assertEquals(1, store.lookups.size(), "one secret, one look-up, so one version");
    }

    @Test
    void deliversWhereTheProviderDoesNotKnowSizes() {
        store.put("default/default/a", "one").put("default/default/b", "two");
        store.hideSizes();

        assertEquals("A=one\0B=two\0", text(delivered(bind("A", "a"), bind("B", "b"))));
    }

    @Test
    void laysOutPlainValuesWithoutASecondSegment() {
        store.put("default/default/a", "one");

        delivered(bind("A", "a"));

        assertEquals(1, memory.allocated());
    }

    @Test
    void usesTheNamespaceOfTheRequestThenThatOfTheConfiguration() {
        store.put("web/default/a", "w").put("default/default/a", "d");

        LaunchRequest request = new LaunchRequest(
                false,
                Optional.of("web"),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                List.of(bind("A", "a")));

        assertEquals("A=w\0", text(bundle(injection.inject(request, caller))));
        assertEquals("A=d\0", text(delivered(bind("A", "a"))));
    }

    @Test
    void findsTheProviderThatTheReferenceNames() {
        vault.put("kv/a", "from the vault");

        assertEquals("A=from the vault\0", text(delivered(bind("A", "vault:kv/a"))));
    }

    @Test
    void usesOneSnapshotOfTheSettingsForOneInjection() {
        store.put("default/default/a", "one");
        delivered(bind("A", "a"));

        settings = settings(Policy.of(List.of()));

        assertFailures(refused(bind("A", "a")), "0 DENIED denied by policy");
        AuditEvent.Grant grant = assertInstanceOf(AuditEvent.Grant.class, audit.events.getFirst());
        AuditEvent.Refusal refusal = assertInstanceOf(AuditEvent.Refusal.class, audit.events.get(1));
        assertEquals(policy().version(), grant.policyVersion());
        assertEquals(Policy.of(List.of()).version(), refusal.policyVersion());
    }

    // ---- the order

    @Test
    void recordsTheGrantBeforeAnythingIsLookedUpAndLooksAllUpBeforeItOpens() {
        store.put("default/default/a", CANARY).put("default/default/b", CANARY);

        delivered(bind("A", "a"), bind("B", "b"));

        assertEquals(List.of("audit Grant", "find default/default/a", "find default/default/b", "open", "open"), trace);
        assertEquals(
                new AuditEvent.Grant(
                        CALLER,
                        policy().version(),
                        Optional.of("/bin/app"),
                        false,
                        List.of(
                                new Item(
                                        "A",
                                        "store:default/default/a",
                                        true,
                                        Optional.of("app"),
                                        Optional.empty(),
                                        false),
                                new Item(
                                        "B",
                                        "store:default/default/b",
                                        true,
                                        Optional.of("app"),
                                        Optional.empty(),
                                        false))),
                audit.events.getFirst());
    }

    @Test
    void looksNothingUpIfTheGrantCannotBeRecorded() {
        store.put("default/default/a", CANARY);
        audit.failAfter(0);

        AgentException failed = assertThrows(AgentException.class, () -> inject(bind("A", "a")));

        assertEquals(FailureKind.AUDIT_UNAVAILABLE, failed.kind());
        assertEquals(List.of(), store.lookups);
    }

    @Test
    void looksNothingUpIfTheRefusalCannotBeRecorded() {
        store.put("default/default/a", CANARY);
        audit.failAfter(0);

        assertThrows(AgentException.class, () -> inject(bind("A", "a"), bind("B", "root-key")));

        assertEquals(List.of(), store.lookups);
    }

    @Test
    void recordsHowAHandOverEnded() {
        store.put("default/default/a", CANARY);
        Bundle bundle = delivered(bind("A", "a"));

        injection.conclude(bundle, Injector.HandOver.DELIVERED);
        injection.conclude(bundle, Injector.HandOver.CALLER_GONE);
        injection.conclude(bundle, Injector.HandOver.CONNECTION_LOST);

        List<String> versions = List.of("store:default/default/a@7");
        assertEquals(
                List.of(
                        new Outcome(1, "delivered", versions),
                        new Outcome(1, "caller-unknown", List.of()),
                        new Outcome(1, "connection-lost", versions)),
                audit.events.subList(1, 4));
    }

    @Test
    void opensNothingForACallerThatEnded() {
        store.put("default/default/a", CANARY);
        caller.end();

        assertFailures(
                refused(bind("A", "a")), "request CALLER_UNKNOWN the caller ended before its secrets were opened");
        assertEquals(List.of(), store.opened);
        assertEquals(new Outcome(1, "caller-unknown", List.of()), audit.events.getLast());
    }

    // ---- refusals on names alone

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "1A; a; BAD_TARGET; not the name of a variable",
                "A; a@; BAD_REFERENCE; column 3 of the reference: the version is empty",
                "A; nosuch:a; UNKNOWN_PROVIDER; unknown provider",
                "A; a!; BAD_NAME; not a secret name: 'a!'",
                "PATH; a; DANGEROUS_TARGET; a variable of this name changes which code programs run",
                "A; root-key; DENIED; denied by policy",
                "PATH; root-key; DENIED; denied by policy",
                "1A; a@; BAD_TARGET; not the name of a variable"
            })
    void refusesOnNamesAlone(String target, String reference, FailureKind kind, String message) {
        store.put("default/default/a", CANARY).put("default/default/root-key", CANARY);

        assertFailures(refused(bind(target, reference)), "0 " + kind + " " + message);
        assertInstanceOf(AuditEvent.Refusal.class, audit.events.getFirst());
        assertEquals(new Outcome(1, kind.text(), List.of()), audit.events.getLast());
        assertEquals(2, audit.events.size());
        assertEquals(List.of(), store.lookups);
    }

    @Test
    void namesTheConfiguredProviders() {
        assertEquals(
                List.of("the configured providers are store, vault"),
                refused(bind("A", "nosuch:a")).hints());
    }

    @ParameterizedTest
    @CsvSource({"a b, production, not a name for a project: 'a b'", "web, .x, not a name for an environment: '.x'"})
    void refusesABadNamespaceAsAWhole(String project, String environment, String message) {
        LaunchRequest request = new LaunchRequest(
                false,
                Optional.of(project),
                Optional.of(environment),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                List.of(bind("A", "a")));

        assertFailures(
                assertInstanceOf(Refused.class, injection.inject(request, caller)), "request BAD_NAME " + message);
        assertEquals(
                new AuditEvent.Refusal(
                        CALLER,
                        policy().version(),
                        Optional.empty(),
                        false,
                        List.of(new Item("A", "a", false, Optional.empty(), Optional.of("bad-name"), false))),
                audit.events.getFirst());
        assertEquals(new Outcome(1, "bad-name", List.of()), audit.events.getLast());
    }

    @Test
    void auditsADangerousNameThatWasAllowed() {
        store.put("default/default/a", "x");

        assertEquals("LD_PRELOAD=x\0", text(delivered(new RequestedBinding("LD_PRELOAD", "a", true))));
        assertEquals(
                List.of(new Item(
                        "LD_PRELOAD", "store:default/default/a", true, Optional.of("app"), Optional.empty(), true)),
                assertInstanceOf(AuditEvent.Grant.class, audit.events.getFirst())
                        .items());
    }

    @Test
    void answersTheSameForADeniedSecretThatExistsAndOneThatDoesNot() {
        Refused missing = refused(bind("A", "root-key@7"));
        store.put("default/default/root-key", CANARY);
        Refused existing = refused(bind("A", "root-key@7"));

        assertEquals(missing, existing);
        assertEquals(audit.events.get(0), audit.events.get(2));
        assertEquals(List.of(), store.lookups);
        assertEquals(
                List.of("the agent's operator decides this; `agent explain --uid 1000` with the reference says why"),
                existing.hints());
        assertFalse(existing.toString().contains("app"), "no name of a rule");
    }

    @Test
    void neverLetsOptionsOfAReferenceCoverADenial() {
        assertFailures(
                refused(bind("A", "root-key,optional"), bind("B", "root-key,default=x")),
                "0 DENIED denied by policy",
                "1 DENIED denied by policy");
    }

    @Test
    void neverShowsADefault() {
        Refused refused = refused(bind("A", "no,such,default=" + CANARY), bind("B", "root-key,default=" + CANARY));

        assertFalse(refused.toString().contains(CANARY));
        assertEquals(
                List.of("no", "store:default/default/root-key"),
                assertInstanceOf(AuditEvent.Refusal.class, audit.events.getFirst()).items().stream()
                        .map(Item::location)
                        .toList());
    }

    // ---- everything at once

    @Test
    void tellsEveryFailureOfNamesAndOfLookUpsAtOnce() {
        store.put("default/default/a", CANARY)
                .put("default/default/scoped", CANARY, "batch")
                .answer("default/default/old", FailureKind.EXPIRED, "expired at 2026-01-01T00:00:00Z")
                .answer("default/default/down", FailureKind.PROVIDER_UNAVAILABLE, "the store cannot be read");

        Refused refused = refused(
                bind("A", "a"),
                bind("B", "root-key"),
                bind("C", "missing"),
                bind("D", "scoped"),
                bind("E", "old,optional"),
                bind("F", "down,default=x"),
                bind("A", "a"),
                bind("H", "#"));

        assertFailures(
                refused,
                "1 DENIED denied by policy",
                "2 SECRET_NOT_FOUND not found in default/default",
                "3 SCOPE_DENIED denied by policy: the secret is for scopes that the rule does not have",
                "4 EXPIRED expired at 2026-01-01T00:00:00Z",
                "5 PROVIDER_UNAVAILABLE the store cannot be read",
                "6 DUPLICATE_TARGET another binding has the same target",
                "7 BAD_REFERENCE column 1 of the reference: the path is empty");
        assertEquals(List.of(), store.opened);
        assertEquals(new Outcome(1, "denied", List.of()), audit.events.getLast());
    }

    @Test
    void triesTheOthersWhereOneIsMissingAndWipesEach() {
        store.put("default/default/good", CANARY)
                .put("default/default/json", "{\"b\":\"" + CANARY + "\"}")
                .put("default/default/nul", CANARY + "\0")
                .putUnopenable("default/default/bad", FailureKind.DECRYPTION_FAILED)
                .put("default/default/big", "x".repeat(140_000));

        Refused refused = refused(
                bind("A", "missing"),
                bind("B", "good"),
                bind("C", "good#a"),
                bind("D", "json#c"),
                bind("E", "json#c,optional"),
                bind("F", "nul"),
                bind("G", "bad"),
                bind("H", "big"),
                bind("1", "json#b"));

        assertFailures(
                refused,
                "0 SECRET_NOT_FOUND not found in default/default",
                "2 NOT_JSON the value is not JSON, so it has no fields",
                "3 FIELD_NOT_FOUND the secret has no such field",
                "5 VALUE_HAS_NUL the value has a NUL byte, which cannot stand in a variable",
                "6 DECRYPTION_FAILED row default/default/bad was changed",
                "7 VALUE_TOO_LONG name and value are over 131071 bytes, which cannot be a variable",
                "8 BAD_TARGET not the name of a variable");
        assertEquals(1, memory.mostOpen(), "one value at a time");
        assertEquals(new Outcome(1, "secret-not-found", List.of()), audit.events.getLast());
    }

    @Test
    void opensNothingWhereAScopeIsDeniedAndAnotherIsMissing() {
        store.put("default/default/a", CANARY).put("default/default/scoped", CANARY, "batch");

        assertFailures(
                refused(bind("A", "a#x"), bind("B", "scoped"), bind("C", "missing")),
                "1 SCOPE_DENIED denied by policy: the secret is for scopes that the rule does not have",
                "2 SECRET_NOT_FOUND not found in default/default");
        assertEquals(List.of(), store.opened);
    }

    @Test
    void triesTheOthersInADryRunWhereOneIsMissing() {
        store.put("default/default/a", CANARY);

        Planned planned = planned(bind("A", "missing"), bind("B", "a#x"));

        assertEquals(
                List.of(
                        "app - - - false not found in default/default",
                        "app - - - false the value is not JSON, so it has no fields"),
                planned.entries().stream().map(InjectionTest::described).toList());
    }

    @Test
    void tellsEveryFailureOfOpeningAtOnceAndWipesAll() {
        store.put("default/default/good", CANARY)
                .put("default/default/json", "{\"a\":null,\"b\":\"" + CANARY + "\"}")
                .put("default/default/nul", CANARY + "\0")
                .putUnopenable("default/default/bad", FailureKind.DECRYPTION_FAILED)
                .put("default/default/big", "{\"a\":\"" + "x".repeat(140_000) + "\"}");

        Refused refused = refused(
                bind("A", "good"),
                bind("B", "good#a"),
                bind("C", "json#a"),
                bind("D", "json#c"),
                bind("E", "json#b,decode=hex"),
                bind("F", "nul"),
                bind("G", "bad"),
                bind("H", "big#a"));

        assertFailures(
                refused,
                "1 NOT_JSON the value is not JSON, so it has no fields",
                "2 NO_VALUE the field is null",
                "3 FIELD_NOT_FOUND the secret has no such field",
                "4 NOT_DECODABLE the value is not hexadecimal",
                "5 VALUE_HAS_NUL the value has a NUL byte, which cannot stand in a variable",
                "6 DECRYPTION_FAILED row default/default/bad was changed",
                "7 VALUE_TOO_LONG name and value are over 131071 bytes, which cannot be a variable");
        assertFalse(refused.toString().contains(CANARY));
        assertEquals(new Outcome(1, "not-json", List.of()), audit.events.getLast());
    }

    @Test
    void wipesAndRecordsWhenAProviderHasAFault() {
        store.put("default/default/a", CANARY);
        IllegalStateException bug = new IllegalStateException("a fault");
        store.throwFromFind(bug);

        assertSame(bug, assertThrows(IllegalStateException.class, () -> inject(bind("A", "a"))));
        assertEquals(new Outcome(1, "internal", List.of()), audit.events.getLast());
    }

    @Test
    void wipesAndRecordsWhenThereIsNoMemoryForTheFinalSegment() {
        store.put("default/default/a", "{\"a\":\"" + CANARY + "\"}");
        memory.failAfter(1);

        assertThrows(IllegalStateException.class, () -> inject(bind("A", "a#a")));
        assertEquals(1, memory.allocated());
        assertEquals(new Outcome(1, "internal", List.of()), audit.events.getLast());
    }

    @Test
    void keepsTheFaultWhenItsRecordFailsToo() {
        IllegalStateException bug = new IllegalStateException("a fault");
        store.throwFromFind(bug);
        audit.failAfter(1);

        IllegalStateException thrown = assertThrows(IllegalStateException.class, () -> inject(bind("A", "a")));

        assertEquals(1, thrown.getSuppressed().length);
    }

    // ---- what is not there

    @Test
    void removesOrReplacesWhatIsNotThere() {
        store.put("default/default/a", "{\"x\":1}")
                .answer(
                        "default/default/pinned",
                        FailureKind.VERSION_NOT_FOUND,
                        "version 9 not found in default/default");

        Bundle bundle = delivered(
                bind("A", "missing,optional"),
                bind("B", "missing,default=x%2Cy,encode=hex"),
                bind("C", "a#nope,optional"),
                bind("D", "a#nope,default=longer than the secret is"),
                bind("E", "pinned@9,default="),
                bind("F", "a"));

        assertEquals("B=x,y\0D=longer than the secret is\0E=\0F={\"x\":1}\0", text(bundle));
        assertEquals(List.of(0, 2), bundle.removed());
        assertEquals(4, bundle.count());
        assertEquals(List.of("store:default/default/a@7"), bundle.contents().versions());
    }

    @Test
    void deliversAnEmptyBlockIfEverythingIsRemoved() {
        Bundle bundle = delivered(bind("A", "missing,optional"));

        assertEquals("", text(bundle));
        assertEquals(0, bundle.count());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "EXPIRED",
                "VERSION_DISABLED",
                "UNKNOWN_PROJECT",
                "UNKNOWN_ENVIRONMENT",
                "PROVIDER_UNAVAILABLE",
                "DECRYPTION_FAILED",
                "TIMED_OUT"
            })
    void neverCoversAnythingButNotFound(String kind) {
        store.answer("default/default/a", FailureKind.valueOf(kind), "no");

        assertFailures(
                refused(bind("A", "a,optional"), bind("B", "a,default=x")), "0 " + kind + " no", "1 " + kind + " no");
    }

    @Test
    void neverCoversANullOrWhatIsNotJson() {
        store.put("default/default/a", "{\"x\":null}").put("default/default/b", "text");

        assertFailures(
                refused(bind("A", "a#x,optional"), bind("B", "b#x,default=y")),
                "0 NO_VALUE the field is null",
                "1 NOT_JSON the value is not JSON, so it has no fields");
    }

    // ---- limits

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void deliversTheLongestEntryAndRefusesOneByteMore(boolean sizesKnown) {
        store.put("default/default/fits", "x".repeat(131_071 - 2)).put("default/default/over", "x".repeat(131_071 - 1));
        if (!sizesKnown) {
            store.hideSizes();
        }

        assertEquals(131_072, bytes(delivered(bind("A", "fits"))).length);
        Refused refused = refused(bind("A", "over"));
        assertFailures(refused, "0 VALUE_TOO_LONG name and value are over 131071 bytes, which cannot be a variable");
        assertEquals(List.of("--secret-file takes values up to 1 MiB"), refused.hints());
        assertFailures(
                refused(bind("AB", "fits")),
                "0 VALUE_TOO_LONG name and value are over 131071 bytes, which cannot be a variable");
    }

    @Test
    void doesNotOpenAValueThatItsSizeRulesOut() {
        store.put("default/default/over", "x".repeat(200_000));

        refused(bind("A", "over"));

        assertEquals(List.of(), store.opened);
    }

    @Test
    void boundsWhatAnEncodingMakesOfAValue() {
        store.put("default/default/a", "x".repeat(70_000));

        assertFailures(
                refused(bind("A", "a,encode=hex")),
                "0 VALUE_TOO_LONG name and value are over 131071 bytes, which cannot be a variable");
    }

    @Test
    void deliversTheLargestBlockAndRefusesOneByteMore() {
        int entries = Sizes.MAX_BLOCK / 131_072;
        int rest = Sizes.MAX_BLOCK - entries * 131_072;
        store.put("default/default/full", "x".repeat(131_072 - 6)).put("default/default/rest", "x".repeat(rest - 3));
        store.put("default/default/over", "x".repeat(rest - 2));
        List<RequestedBinding> bindings = new ArrayList<>(IntStream.range(0, entries)
                .mapToObj(i -> bind("V" + (100 + i), "full"))
                .toList());
        bindings.add(bind("A", "rest"));

        assertEquals(Sizes.MAX_BLOCK, bytes(delivered(bindings.toArray(RequestedBinding[]::new))).length);

        bindings.set(entries, bind("A", "over"));
        assertFailures(
                refused(bindings.toArray(RequestedBinding[]::new)),
                "request BUNDLE_TOO_LARGE all values together are over " + Sizes.MAX_BLOCK + " bytes");
        assertEquals(new Outcome(2, "bundle-too-large", List.of()), audit.events.getLast());
        assertEquals(entries + 1, store.opened.size(), "nothing was opened for the second");
    }

    @Test
    void refusesABlockThatTurnsOutTooLargeAndWipesIt() {
        store.put("default/default/full", "x".repeat(131_000));
        store.hideSizes();
        RequestedBinding[] many =
                IntStream.range(0, 130).mapToObj(i -> bind("V" + i, "full")).toArray(RequestedBinding[]::new);

        assertFailures(
                refused(many), "request BUNDLE_TOO_LARGE all values together are over " + Sizes.MAX_BLOCK + " bytes");
    }

    @Test
    void deliversAScopedSecretToARuleWithOneOfItsScopes() {
        store.put("default/default/a", "x", "batch", "service");

        assertEquals("A=x\0", text(delivered(bind("A", "a"))));
    }

    // ---- hints

    @Test
    void suggestsANameThatIsAlmostRight() {
        store.put("default/default/my-secret", "x").put("web/production/db-password", "x");

        assertEquals(
                List.of("did you mean my-secret?"),
                refused(bind("A", "my-secrt")).hints());
        assertEquals(
                List.of("did you mean my-secret?"),
                refused(bind("A", "MY-SECRET")).hints());
        assertEquals(
                List.of("did you mean store:web/production/db-password?"),
                refused(bind("A", "store:web/production/db-pasword")).hints());
    }

    @Test
    void neverSuggestsANameThatTheCallerMayNotHave() {
        store.put("default/default/root-key", CANARY).put("default/default/scoped", CANARY, "batch");

        assertEquals(
                List.of("`agent secret put` makes it"),
                refused(bind("A", "oot-key")).hints());
        assertEquals(
                List.of("`agent secret put` makes it"),
                refused(bind("A", "scopd")).hints());
    }

    @Test
    void suggestsNothingThatIsNotAlike() {
        store.put("default/default/my-secret", "x").put("default/default/ab", "x");

        assertEquals(
                List.of("`agent secret put` makes it"),
                refused(bind("A", "other")).hints());
        assertEquals(
                List.of("`agent secret put` makes it"), refused(bind("A", "xy")).hints());
    }

    @Test
    void doesWithoutASuggestionIfNamesCannotBeListed() {
        store.put("default/default/my-secret", "x");
        store.failListing();

        assertFailures(refused(bind("A", "my-secrt")), "0 SECRET_NOT_FOUND not found in default/default");
    }

    @Test
    void saysWhichOfSeveralBindingsAHintIsFor() {
        store.put("default/default/my-secret", "x");

        assertEquals(
                List.of("A: did you mean my-secret?", "B: `agent secret put` makes it"),
                refused(bind("A", "my-secrt"), bind("B", "other")).hints());
        String longName = "L".repeat(600);
        assertEquals(
                List.of("did you mean my-secret?", "B: `agent secret put` makes it"),
                refused(bind(longName, "my-secrt"), bind("B", "other")).hints());
    }

    @Test
    void givesEachHintOnceAndEightAtMost() {
        store.put("default/default/my-secret", "x");
        RequestedBinding[] many =
                IntStream.range(0, 40).mapToObj(i -> bind("A" + i, "my-secrt")).toArray(RequestedBinding[]::new);

        Refused refused = refused(many);

        assertEquals(40, refused.failures().size());
        assertEquals(
                List.of(
                        "A0, A1, A2 and 5 others: did you mean my-secret?",
                        "A8, A9, A10 and 29 others: `agent secret put` makes it"),
                refused.hints());
        assertEquals(1, store.lookups.size());
    }

    @ParameterizedTest
    @CsvSource({
        "abc, abc, 0",
        "abc, ab, 1",
        "abc, acb, 1",
        "abc, ABD, 1",
        "abcd, badc, 2",
        "a, abcdefgh, 2147483647",
        "'', abc, 3"
    })
    void measuresHowFarNamesAreApart(String one, String other, int expected) {
        assertEquals(expected, Suggestions.distance(one, other));
        assertEquals(expected, Suggestions.distance(other, one));
    }

    // ---- dry run

    @Test
    void plansWithoutOpening() {
        store.put("default/default/a", CANARY);

        Planned planned = planned(
                bind("A", "a"),
                bind("B", "missing,optional"),
                bind("C", "missing,default=x"),
                bind("D", "missing"),
                bind("E", "root-key"));

        assertEquals(List.of(), store.opened);
        assertEquals(
                List.of(
                        "app 7 12 3600 false -",
                        "app - - - true -",
                        "app - 1 - false -",
                        "app - - - false not found in default/default",
                        "app - - - false denied by policy"),
                planned.entries().stream().map(InjectionTest::described).toList());
        assertEquals(2, planned.hints().size());
        AuditEvent.Refusal refusal = assertInstanceOf(AuditEvent.Refusal.class, audit.events.getFirst());
        assertTrue(refusal.dryRun());
        assertEquals(new Outcome(1, "secret-not-found", List.of()), audit.events.getLast());
    }

    @Test
    void recordsAPlanWithoutFailures() {
        store.put("default/default/a", CANARY);

        planned(bind("A", "a"));

        assertTrue(assertInstanceOf(AuditEvent.Grant.class, audit.events.getFirst())
                .dryRun());
        assertEquals(new Outcome(1, "planned", List.of()), audit.events.getLast());
    }

    @Test
    void opensInADryRunOnlyToTryAFieldOrAnEncodingAndWipesIt() {
        store.put("default/default/a", "{\"x\":\"" + CANARY + "\"}").put("default/default/b", CANARY);

        Planned planned = planned(
                bind("A", "a#x"), bind("B", "a#y"), bind("C", "a#y,optional"), bind("D", "b#x"), bind("E", "b"));

        assertEquals(4, store.opened.size());
        assertEquals(
                List.of(
                        "app 7 12 3600 false -",
                        "app - - - false the secret has no such field",
                        "app - - - true -",
                        "app - - - false the value is not JSON, so it has no fields",
                        "app 7 12 3600 false -"),
                planned.entries().stream().map(InjectionTest::described).toList());
    }

    @Test
    void tellsNoSizeOfAFieldThatMayNotBeOpened() {
        store.put("default/default/a", "{\"x\":\"" + CANARY + "\"}");

        Planned planned = planned(bind("A", "a#x"), bind("B", "root-key"));

        assertEquals(List.of(), store.opened);
        assertEquals(
                "app 7 - 3600 false -",
                InjectionTest.described(planned.entries().getFirst()));
    }

    @Test
    void tellsADryRunThatTheBundleWouldBeTooLarge() {
        store.put("default/default/full", "x".repeat(131_000));
        RequestedBinding[] many =
                IntStream.range(0, 130).mapToObj(i -> bind("V" + i, "full")).toArray(RequestedBinding[]::new);

        InjectionResult result = injection.inject(request(true, many), caller);

        assertFailures(
                assertInstanceOf(Refused.class, result),
                "request BUNDLE_TOO_LARGE all values together are over " + Sizes.MAX_BLOCK + " bytes");
    }

    @Test
    void recordsWhyABindingIsNotAllowed() {
        refused(bind("A", "root-key,default=" + CANARY), bind("B", "a,nonsense=" + CANARY), bind("1", "a"));

        AuditEvent.Refusal refusal = assertInstanceOf(AuditEvent.Refusal.class, audit.events.getFirst());
        assertEquals(
                List.of("false app deny store:*/*/root-* matches", "false - bad-reference", "false app bad-target"),
                refusal.items().stream().map(InjectionTest::described).toList());
    }

    @Test
    void recordsThatNoRuleMatched() {
        settings = settings(Policy.of(List.of()));

        refused(bind("A", "a"));

        AuditEvent.Refusal refusal = assertInstanceOf(AuditEvent.Refusal.class, audit.events.getFirst());
        assertEquals(
                Optional.of("no rule matches the caller"),
                refusal.items().getFirst().reason());
    }

    // ---- helpers

    @ParameterizedTest
    @ValueSource(strings = {"theirs@9", "theirs@9,optional", "theirs@9,default=x"})
    void whoHasNoScopeOfASecretLearnsNothingOfItsVersions(String reference) {
        store.put("default/default/theirs", CANARY, "other")
                .answer("default/default/theirs", FailureKind.VERSION_NOT_FOUND, "version 9 not found");

        assertFailures(
                refused(bind("A", reference)),
                "0 SCOPE_DENIED denied by policy: the secret is for scopes that the rule does not have");
    }

    @Test
    void refusedRequestsCannotFillTheAuditLogAndDoNotStopWhatIsAllowed() {
        store.put("default/default/a", "one");
        String denied = "root-" + "k".repeat(200);
        RequestedBinding[] many =
                IntStream.range(0, 900).mapToObj(i -> bind("V" + i, denied)).toArray(RequestedBinding[]::new);
        int requests = 0;
        while (refused(many).failures().getFirst().failure().kind() == FailureKind.DENIED) {
            requests++;
            assertTrue(requests < 200, "refusals are recorded without end");
        }
        int recorded = audit.events.size();

        assertFailures(refused(many), "request BUSY too many refused requests of uid 1000");
        assertEquals(recorded, audit.events.size());
        assertEquals("A=one\0", text(delivered(bind("A", "a"))));
    }

    private static String described(Item item) {
        return item.allowed() + " " + item.rule().orElse("-") + " "
                + item.reason().orElse("-");
    }

    @Test
    void limitsHowManyRequestsOfARuleRunAtOnceUntilTheirGrantsAreConcluded() {
        store.put("default/default/a", "v");
        limit(new RuleLimits(Optional.empty(), Optional.of(1)));

        Bundle first = delivered(bind("A", "a"));
        assertFailures(
                assertInstanceOf(Refused.class, inject(bind("A", "a"))),
                "request BUSY too many requests for this workload");
        injection.conclude(first, Injector.HandOver.DELIVERED);
        delivered(bind("A", "a"));
    }

    @Test
    void givesThePlaceOfARefusedRequestBack() {
        limit(new RuleLimits(Optional.empty(), Optional.of(1)));

        for (int i = 0; i < 3; i++) {
            assertFailures(assertInstanceOf(Refused.class, inject(bind("A", "root-x"))), "0 DENIED denied by policy");
        }
    }

    @Test
    void limitsTheRateOfARule() {
        store.put("default/default/a", "v");
        limit(new RuleLimits(Optional.of(new RuleLimits.Rate(2, Duration.ofHours(1))), Optional.empty()));

        delivered(bind("A", "a"));
        delivered(bind("A", "a"));
        int lookups = store.lookups.size();
        assertFailures(
                assertInstanceOf(Refused.class, inject(bind("A", "a"))),
                "request BUSY too many requests for this workload");
        assertEquals(lookups, store.lookups.size());
    }

    private void limit(RuleLimits limits) {
        settings = settings(Policy.of(List.of(Rules.limited(rule(), limits))));
    }

    private Settings settings(Policy policy) {
        return new Settings(policy, Namespace.DEFAULT, new Providers(List.of(store, vault), "store"));
    }

    private static Policy policy() {
        return Policy.of(List.of(rule()));
    }

    private static Rule rule() {
        Rule open = Rules.rule("app", Rules.uids(1000L), "store:**", "vault:**");
        return Rules.scoped(Rules.denying(open, "store:*/*/root-*"), "service");
    }

    private static RequestedBinding bind(String target, String reference) {
        return new RequestedBinding(target, reference, false);
    }

    private static LaunchRequest request(boolean dryRun, RequestedBinding... bindings) {
        return new LaunchRequest(
                dryRun,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.of("/bin/app"),
                Optional.empty(),
                List.of(bindings));
    }

    private InjectionResult inject(RequestedBinding... bindings) {
        return injection.inject(request(false, bindings), caller);
    }

    private Bundle delivered(RequestedBinding... bindings) {
        return bundle(inject(bindings));
    }

    private Bundle bundle(InjectionResult result) {
        Bundle bundle = assertInstanceOf(Delivered.class, result).bundle();
        bundles.add(bundle);
        return bundle;
    }

    private Refused refused(RequestedBinding... bindings) {
        return assertInstanceOf(Refused.class, inject(bindings));
    }

    private Planned planned(RequestedBinding... bindings) {
        return assertInstanceOf(Planned.class, injection.inject(request(true, bindings), caller));
    }

    private static byte[] bytes(Bundle bundle) {
        ByteBuffer block = bundle.block().buffer();
        byte[] bytes = new byte[block.capacity()];
        block.get(0, bytes);
        return bytes;
    }

    private static String text(Bundle bundle) {
        return new String(bytes(bundle), StandardCharsets.UTF_8);
    }

    private static void assertFailures(Refused refused, String... expected) {
        Stream<String> found = refused.failures().stream().map(InjectionTest::described);
        assertEquals(List.of(expected), found.toList());
    }

    private static String described(BindingFailure failure) {
        return failure.binding().map(String::valueOf).orElse("request") + " "
                + failure.failure().kind() + " " + failure.failure().message();
    }

    private static String described(PlanEntry entry) {
        return String.join(
                " ",
                entry.decision().flatMap(d -> d.decidedBy()).orElse("-"),
                entry.version().orElse("-"),
                entry.size().map(String::valueOf).orElse("-"),
                entry.age().map(age -> String.valueOf(age.toSeconds())).orElse("-"),
                String.valueOf(entry.removed()),
                entry.failure().map(f -> f.message()).orElse("-"));
    }
}
