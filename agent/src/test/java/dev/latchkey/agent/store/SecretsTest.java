package dev.latchkey.agent.store;

import static dev.latchkey.agent.store.StoreFixture.START;
import static dev.latchkey.agent.store.StoreFixture.assertFailure;
import static dev.latchkey.agent.store.StoreFixture.assertRefused;
import static dev.latchkey.agent.store.StoreFixture.path;
import static dev.latchkey.agent.store.StoreFixture.written;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.secret.Lookup;
import dev.latchkey.agent.secret.Namespace;
import dev.latchkey.agent.secret.OnExisting;
import dev.latchkey.agent.secret.Scope;
import dev.latchkey.agent.secret.Secret;
import dev.latchkey.agent.secret.SecretPath;
import dev.latchkey.agent.secret.SecretStore.Details;
import dev.latchkey.agent.secret.SecretStore.Expiry;
import dev.latchkey.agent.secret.SecretStore.Imported;
import dev.latchkey.agent.secret.SecretStore.Written.Effect;
import dev.latchkey.agent.secret.SecretValue;
import dev.latchkey.agent.secret.SecretVersion;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SecretsTest {
    private static final SecretPath A = path("a");

    @TempDir
    private Path folder;

    private StoreFixture f;

    @BeforeEach
    void open() {
        f = new StoreFixture(folder).open();
    }

    @AfterEach
    void close() {
        f.close();
    }

    private List<Long> numbers() {
        return f.store.versions(A).stream().map(SecretVersion::number).toList();
    }

    @Test
    void countsVersionsFromOne() {
        assertEquals(written(1, Effect.CREATED), f.put("a", "one"));
        assertEquals(written(2, Effect.ADDED), f.put("a", "two"));

        assertEquals("two", f.read("a"));
        assertEquals("one", f.read("a", 1));
        assertEquals(List.of(2L, 1L), numbers());
        assertEquals(2, f.current("a"));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 4095, 65536, SecretValue.MAX_BYTES})
    void keepsAnyBytesOfAnySize(int size) {
        byte[] bytes = new byte[size];
        new SecureRandom().nextBytes(bytes);

        f.store.put(A, SecretValue.owning(bytes.clone()), Details.NONE, Optional.empty());
        f.reopen();

        var found = (Lookup.Found) f.store.find(A, Optional.empty());
        try (SecretValue value = found.secret().open()) {
            assertArrayEquals(bytes, value.leak(byte[]::clone));
        }
        assertEquals(size, f.store.versions(A).getFirst().size());
    }

    private Imported imported(String name, String value, OnExisting onExisting, boolean write) {
        return f.store.importValue(
                path(name), SecretValue.owning(value.getBytes(StandardCharsets.UTF_8)), onExisting, write);
    }

    private static Imported imported(long version, Imported.Outcome outcome) {
        return new Imported(Optional.of(version), outcome);
    }

    @Test
    void importsWhatIsNotThereAndNothingElseUnlessItIsMeant() {
        assertEquals(
                new Imported(Optional.empty(), Imported.Outcome.CREATED), imported("a", "one", OnExisting.FAIL, false));
        assertTrue(f.store.list(Namespace.DEFAULT).isEmpty());
        assertEquals(imported(1, Imported.Outcome.CREATED), imported("a", "one", OnExisting.FAIL, true));
        assertEquals(imported(1, Imported.Outcome.UNCHANGED), imported("a", "one", OnExisting.FAIL, true));
        assertEquals(imported(1, Imported.Outcome.UNCHANGED), imported("a", "one", OnExisting.NEW_VERSION, true));
        assertEquals(imported(1, Imported.Outcome.EXISTS), imported("a", "two", OnExisting.FAIL, true));
        assertEquals(imported(1, Imported.Outcome.SKIPPED), imported("a", "two", OnExisting.SKIP, true));
        assertEquals(
                new Imported(Optional.empty(), Imported.Outcome.ADDED),
                imported("a", "two", OnExisting.NEW_VERSION, false));
        assertEquals("one", f.read("a"));
        assertEquals(imported(2, Imported.Outcome.ADDED), imported("a", "two", OnExisting.NEW_VERSION, true));
        assertEquals("two", f.read("a"));
    }

    @Test
    void importsNothingOverWhatIsHiddenOrDisabledUnlessItIsMeant() {
        f.put("a", "one");
        f.store.disable(A, 1);
        assertEquals(imported(1, Imported.Outcome.EXISTS), imported("a", "one", OnExisting.FAIL, true));
        f.store.delete(A);
        assertEquals(
                new Imported(Optional.empty(), Imported.Outcome.SKIPPED), imported("a", "one", OnExisting.SKIP, true));
        assertEquals(imported(2, Imported.Outcome.REVIVED), imported("a", "one", OnExisting.NEW_VERSION, true));
        assertEquals("one", f.read("a"));
    }

    @Test
    void keepsTheVersionWhenTheBytesAreEqualAndStillSetsTheDetails() {
        f.put("a", "one");
        Details details = new Details(Optional.of("what it is"), Optional.of(Set.of(new Scope("service"))));

        try (SecretValue same = StoreFixture.value("one")) {
            assertEquals(written(1, Effect.UNCHANGED), f.store.put(A, same, details, Optional.empty()));
        }

        Secret secret = f.store.show(A);
        assertEquals(Optional.of("what it is"), secret.description());
        assertEquals(new TreeSet<>(Set.of(new Scope("service"))), secret.scopes());
    }

    @Test
    void showsWhatWasSetAndWhen() {
        f.put("a", "one");
        f.now = START.plusSeconds(60);
        f.store.set(
                A,
                new Details(Optional.of("d"), Optional.of(Set.of(new Scope("b"), new Scope("a")))),
                Optional.of(new Expiry.At(START.plusSeconds(3600))));

        Secret expected = new Secret(
                A,
                Optional.of(1L),
                false,
                START,
                START.plusSeconds(60),
                Optional.of(START.plusSeconds(3600)),
                Optional.empty(),
                new TreeSet<>(Set.of(new Scope("a"), new Scope("b"))),
                Optional.of("d"));
        assertEquals(expected, f.store.show(A));
        assertEquals(List.of(expected), f.store.list(Namespace.DEFAULT));
    }

    @Test
    void clearsDescriptionScopesAndExpiry() {
        f.put("a", "one", START.plusSeconds(1));
        f.store.set(A, new Details(Optional.of("d"), Optional.of(Set.of(new Scope("s")))), Optional.empty());

        f.store.set(A, new Details(Optional.of(""), Optional.of(Set.of())), Optional.of(new Expiry.Never()));

        Secret secret = f.store.show(A);
        assertEquals(Optional.empty(), secret.description());
        assertEquals(Set.of(), secret.scopes());
        assertEquals(Optional.empty(), secret.expires());
    }

    @Test
    void givesScopesAlsoWhereThereIsNothingToServe() {
        f.put("a", "one", START.plusSeconds(1));
        f.store.set(A, new Details(Optional.empty(), Optional.of(Set.of(new Scope("s")))), Optional.empty());
        assertEquals(Set.of(new Scope("s")), scopesOfAbsent(Optional.of(9L)));

        f.now = START.plusSeconds(2);
        assertEquals(Set.of(new Scope("s")), scopesOfAbsent(Optional.empty()), "expired");

        f.store.disable(A, 1);
        assertEquals(Set.of(new Scope("s")), scopesOfAbsent(Optional.of(1L)), "disabled");
        assertEquals(Set.of(new Scope("s")), scopesOfAbsent(Optional.empty()), "all disabled");
    }

    @Test
    void tellsThatItWasDeletedOnlyIfAnyRuleMayHaveIt() {
        f.put("a", "one");
        f.store.delete(A);
        assertEquals(
                "it was deleted at " + START + "; bring it back with: agent secret restore a",
                f.absent("a").hint().orElseThrow());
        f.store.restore(A);
        f.store.set(A, new Details(Optional.empty(), Optional.of(Set.of(new Scope("s")))), Optional.empty());
        f.store.delete(A);
        assertEquals("`agent secret put a` makes it", f.absent("a").hint().orElseThrow());
    }

    private Set<Scope> scopesOfAbsent(Optional<Long> version) {
        return ((Lookup.Absent) f.store.find(A, version)).scopes();
    }

    @Test
    void givesScopesToWhoeverLooksUp() {
        f.put("a", "one");
        f.store.set(A, new Details(Optional.empty(), Optional.of(Set.of(new Scope("s")))), Optional.empty());

        var found = (Lookup.Found) f.store.find(A, Optional.empty());

        assertEquals(Set.of(new Scope("s")), found.secret().scopes());
        assertEquals(Optional.of(START), found.secret().created());
        assertEquals("1", found.secret().version());
    }

    @Test
    void refusesADescriptionOverItsLimitAndChangesNothing() {
        f.put("a", "one");
        String fits = "\u00e9".repeat(Details.MAX_DESCRIPTION);
        f.store.set(A, new Details(Optional.of(fits), Optional.empty()), Optional.empty());

        assertRefused(
                FailureKind.BAD_ARGUMENT,
                "a description of more than 1024 characters",
                () -> f.store.put(
                        A,
                        StoreFixture.value("two"),
                        new Details(Optional.of(fits + "x"), Optional.empty()),
                        Optional.empty()));
        assertEquals(1, f.current("a"));
        assertEquals(Optional.of(fits), f.store.show(A).description());
    }

    @Test
    void hasAtHandWhatWasServedSinceTheLastWrite() {
        f.put("a", "one", START.plus(Duration.ofDays(1)));
        assertFalse(f.store.isAtHand(A, Optional.empty()));
        f.read("a");
        assertTrue(f.store.isAtHand(A, Optional.empty()));
        assertFalse(f.store.isAtHand(A, Optional.of(1L)), "another question");

        f.now = START.plus(Duration.ofDays(1));
        assertFalse(f.store.isAtHand(A, Optional.empty()), "expired");
        f.now = START;
        f.put("b", "other");
        assertFalse(f.store.isAtHand(A, Optional.empty()), "after a write");
    }

    @Test
    void opensWhatIsAtHandAsOftenAsItIsAskedFor() {
        f.put("a", "one");
        ByteBuffer to = ByteBuffer.allocateDirect(3);
        for (int i = 0; i < 3; i++) {
            Lookup.Found found = assertInstanceOf(Lookup.Found.class, f.store.find(A, Optional.empty()));
            found.secret().openInto(to.clear());
            assertEquals("one", StandardCharsets.UTF_8.decode(to.flip()).toString());
        }
    }

    @Test
    void hasNothingAtHandThatIsLargeOrNotServed() {
        f.put("a", "x".repeat(4_097));
        f.read("a");
        assertFalse(f.store.isAtHand(A, Optional.empty()), "large");
        f.put("a", "x".repeat(4_096));
        f.read("a");
        assertTrue(f.store.isAtHand(A, Optional.empty()));

        f.store.disable(A, 2);
        f.absent("a");
        assertFalse(f.store.isAtHand(A, Optional.empty()), "disabled");
    }

    @Test
    void refusesAnExpiredVersionAndSaysWhen() {
        f.put("a", "one", START.plus(Duration.ofDays(1)));
        assertEquals("one", f.read("a"));

        f.now = START.plus(Duration.ofDays(1));

        assertFailure(
                FailureKind.EXPIRED, "version 1 expired at 2026-02-04T04:05:06.789Z in default/default", f.absent("a"));
        assertFailure(
                FailureKind.EXPIRED,
                "version 1 expired at 2026-02-04T04:05:06.789Z in default/default",
                f.absent(A, Optional.of(1L)));
    }

    @Test
    void doesNotFallBackToAnOlderVersionWhenTheCurrentOneExpired() {
        f.put("a", "old");
        f.put("a", "new", START.plusSeconds(1));
        f.now = START.plusSeconds(2);

        assertEquals(FailureKind.EXPIRED, f.absent("a").kind());
        assertEquals("old", f.read("a", 1));
    }

    @Test
    void addsAVersionWhenTheEqualOneExpired() {
        f.put("a", "one", START.plusSeconds(1));
        f.now = START.plusSeconds(2);

        assertEquals(written(2, Effect.ADDED), f.put("a", "one"));
        assertEquals("one", f.read("a"));
    }

    @Test
    void renewsTheExpiryOfAnEqualValue() {
        f.put("a", "one", START.plusSeconds(1));
        f.now = START.plusSeconds(2);

        assertEquals(written(1, Effect.UNCHANGED), f.put("a", "one", START.plusSeconds(9)));
        assertEquals("one", f.read("a"));
    }

    @Test
    void refusesAnExpiryThatCannotBeWritten() {
        assertRefused(
                FailureKind.BAD_ARGUMENT,
                "an expiry outside the years 1970 to 9999",
                () -> f.put("a", "one", Instant.MAX));
        assertEquals(FailureKind.SECRET_NOT_FOUND, f.absent("a").kind());
    }

    @Test
    void rollsBackByAddingAVersion() {
        f.put("a", "one");
        f.put("a", "two");

        assertEquals(written(3, Effect.ADDED), f.store.rollback(A, 1));
        assertEquals("one", f.read("a"));
        assertEquals(List.of(3L, 2L, 1L), numbers());
    }

    @Test
    void rollsBackToNothingThatIsGoneDisabledOrExpired() {
        f.put("a", "one", START.plusSeconds(1));
        f.put("a", "two");
        f.put("a", "three");
        f.store.disable(A, 2);
        f.now = START.plusSeconds(1);

        assertRefused(
                FailureKind.EXPIRED,
                "a: version 1 expired at 2026-02-03T04:05:07.789Z in default/default",
                () -> f.store.rollback(A, 1));
        assertRefused(
                FailureKind.VERSION_DISABLED,
                "a: version 2 is disabled in default/default",
                () -> f.store.rollback(A, 2));
        assertRefused(
                FailureKind.VERSION_NOT_FOUND,
                "a: version 9 not found in default/default",
                () -> f.store.rollback(A, 9));
        assertEquals(3, f.current("a"));
    }

    @Test
    void carriesTheExpiryAlongWhenItRollsBack() {
        f.put("a", "one", START.plusSeconds(5));
        f.put("a", "two");

        f.store.rollback(A, 1);

        assertEquals(Optional.of(START.plusSeconds(5)), f.store.show(A).expires());
    }

    @Test
    void rotatesOnlyWhatExists() {
        assertRefused(
                FailureKind.SECRET_NOT_FOUND,
                "a: not found in default/default",
                () -> f.store.rotate(A, StoreFixture.value("x")));
        f.put("a", "one");

        assertEquals(written(2, Effect.ADDED), f.store.rotate(A, StoreFixture.value("two")));
        assertEquals(written(2, Effect.UNCHANGED), f.store.rotate(A, StoreFixture.value("two")));
    }

    @Test
    void hidesADeletedSecretUntilItIsRestored() {
        f.put("a", "one");
        f.put("a", "two");

        f.store.delete(A);

        assertFailure(FailureKind.SECRET_NOT_FOUND, "not found in default/default", f.absent("a"));
        assertEquals(FailureKind.SECRET_NOT_FOUND, f.absent(A, Optional.of(1L)).kind());
        assertEquals(Optional.of(START), f.store.show(A).deleted());
        assertRefused(FailureKind.SECRET_NOT_FOUND, "a: not found in default/default", () -> f.store.delete(A));

        f.store.restore(A);

        assertEquals("two", f.read("a"));
        assertEquals("one", f.read("a", 1));
        assertRefused(FailureKind.ALREADY_EXISTS, "a: was not deleted in default/default", () -> f.store.restore(A));
    }

    @Test
    void changesNothingOfADeletedSecret() {
        f.put("a", "one");
        f.store.delete(A);
        String message = "a: not found in default/default";

        assertRefused(FailureKind.SECRET_NOT_FOUND, message, () -> f.store.rollback(A, 1));
        assertRefused(FailureKind.SECRET_NOT_FOUND, message, () -> f.store.disable(A, 1));
        assertRefused(FailureKind.SECRET_NOT_FOUND, message, () -> f.store.enable(A, 1));
        assertRefused(FailureKind.SECRET_NOT_FOUND, message, () -> f.store.set(A, Details.NONE, Optional.empty()));
        assertRefused(FailureKind.SECRET_NOT_FOUND, message, () -> f.store.rotate(A, StoreFixture.value("x")));
    }

    @Test
    void revivesADeletedName() {
        f.put("a", "one");
        f.store.delete(A);

        assertEquals(written(2, Effect.REVIVED), f.put("a", "two"));
        f.store.delete(A);
        assertEquals(written(2, Effect.REVIVED), f.put("a", "two"));
        assertEquals("two", f.read("a"));
    }

    @Test
    void neverGivesANumberTwice() {
        f.put("a", "one");
        f.put("a", "two");
        f.store.purge(A, Optional.of(2L));
        assertEquals(written(3, Effect.ADDED), f.put("a", "three"));

        f.store.purge(A, Optional.empty());
        assertEquals(written(4, Effect.CREATED), f.put("a", "four"));
        f.store.purge(A, Optional.empty());
        f.reopen();
        assertEquals(written(5, Effect.CREATED), f.put("a", "five"));
    }

    @Test
    void purgesOneVersionOrAll() {
        f.put("a", "one");
        f.put("a", "two");

        f.store.purge(A, Optional.of(2L));

        assertEquals("one", f.read("a"));
        assertEquals(List.of(1L), numbers());
        assertFailure(
                FailureKind.VERSION_NOT_FOUND, "version 2 not found in default/default", f.absent(A, Optional.of(2L)));
        assertRefused(
                FailureKind.VERSION_NOT_FOUND,
                "a: version 2 not found in default/default",
                () -> f.store.purge(A, Optional.of(2L)));

        f.store.purge(A, Optional.of(1L));
        assertFailure(FailureKind.VERSION_NOT_FOUND, "every version was purged in default/default", f.absent("a"));
        assertEquals(Optional.empty(), f.store.show(A).version());

        f.store.purge(A, Optional.empty());
        assertRefused(FailureKind.SECRET_NOT_FOUND, "a: not found in default/default", () -> f.store.show(A));
    }

    @Test
    void servesADisabledVersionToNobody() {
        f.put("a", "one");
        f.put("a", "two");

        f.store.disable(A, 2);

        var pinned = f.absent(A, Optional.of(2L));
        assertFailure(FailureKind.VERSION_DISABLED, "version 2 is disabled in default/default", pinned);
        assertEquals(Optional.of("agent secret enable a 2"), pinned.hint());
        f.store.enable(A, 2);
        assertEquals("two", f.read("a"));
        assertRefused(
                FailureKind.VERSION_NOT_FOUND,
                "a: version 7 not found in default/default",
                () -> f.store.disable(A, 7));
    }

    @Test
    void servesNoOlderVersionInPlaceOfADisabledCurrentOne() {
        f.put("a", "one");
        f.put("a", "two");

        f.store.disable(A, 2);

        var refused = f.absent("a");
        assertFailure(FailureKind.VERSION_DISABLED, "version 2 is disabled in default/default", refused);
        assertEquals(
                Optional.of(
                        "enable it with: agent secret enable a 2; or put a new value, or roll back to an older version"),
                refused.hint());
        assertEquals(2, f.current("a"));
        assertTrue(f.store.show(A).disabled());
        f.store.rollback(A, 1);
        assertEquals("one", f.read("a"));
        assertFalse(f.store.show(A).disabled());
    }

    @Test
    void servesTheVersionBelowAPurgedOne() {
        f.put("a", "one");
        f.put("a", "two");

        f.store.disable(A, 2);
        f.store.purge(A, Optional.of(2L));

        assertEquals("one", f.read("a"));
    }

    @Test
    void storesTheBytesOfADisabledVersionAnew() {
        f.put("a", "one");
        f.store.disable(A, 1);

        assertEquals(written(2, Effect.ADDED), f.put("a", "one"));
        assertEquals("one", f.read("a"));
    }

    @Test
    void marksTheCurrentVersion() {
        f.put("a", "one");
        f.put("a", "two");
        f.store.disable(A, 2);

        assertEquals(
                List.of(
                        new SecretVersion(2, START, Optional.empty(), 3, true, true),
                        new SecretVersion(1, START, Optional.empty(), 3, false, false)),
                f.store.versions(A));
    }

    @Test
    void listsByNameDeletedOnesToo() {
        f.put("b", "x");
        f.put("B", "x");
        f.put("a", "x");
        f.store.delete(A);

        List<String> names = f.store.list(Namespace.DEFAULT).stream()
                .map(s -> s.path().name().text())
                .toList();

        assertEquals(List.of("B", "a", "b"), names);
    }

    @Test
    void saysWhatIsMissing() {
        assertFailure(FailureKind.SECRET_NOT_FOUND, "not found in default/default", f.absent("my-secrt"));
        f.put("a", "one");
        var failure = f.absent(A, Optional.of(2L));
        assertFailure(FailureKind.VERSION_NOT_FOUND, "version 2 not found in default/default", failure);
        assertEquals(Optional.of("the newest version is 1"), failure.hint());

        var project = f.absent(path("web", "default", "a"), Optional.empty());
        assertFailure(FailureKind.UNKNOWN_PROJECT, "project web does not exist", project);
        assertEquals(Optional.of("make it with: agent project create web"), project.hint());
        var environment = f.absent(path("default", "prod", "a"), Optional.empty());
        assertFailure(
                FailureKind.UNKNOWN_ENVIRONMENT, "environment prod does not exist in project default", environment);
        assertEquals(Optional.of("make it with: agent environment create prod --project default"), environment.hint());
        assertEquals(1, f.store.projects().size());
    }
}
