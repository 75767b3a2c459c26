package dev.latchkey.agent.store;

import static dev.latchkey.agent.store.StoreFixture.assertUnusable;
import static dev.latchkey.agent.store.StoreFixture.path;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.secret.NamingRule;
import dev.latchkey.agent.secret.ProjectName;
import dev.latchkey.agent.secret.StoreCustody.Kek;
import dev.latchkey.agent.secret.StoreCustody.KeyAway;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** KEKs that a service keeps, which can be away, slow, rotated or lost. */
class RemoteKeysTest {
    @TempDir
    private Path folder;

    private StoreFixture f;
    private final FakeRemoteKek near = new FakeRemoteKek("near");
    private final FakeRemoteKek far = new FakeRemoteKek("far");

    @BeforeEach
    void prepare() {
        f = new StoreFixture(folder, "kek");
    }

    @AfterEach
    void close() {
        List.of(near, far).forEach(kek -> kek.silence.countDown());
        f.close();
    }

    private void open(FakeRemoteKek... keks) {
        f.remote.clear();
        f.remote.addAll(List.of(keks));
        f.open();
    }

    private void reopen(FakeRemoteKek... keks) {
        f.close();
        open(keks);
    }

    private static void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < deadline, what);
            Thread.onSpinWait();
        }
    }

    private List<Boolean> usable() {
        return f.store.keys().keks().stream().map(Kek::usable).toList();
    }

    private void awaitAllUsable() {
        await("every key can be used", () -> usable().stream().allMatch(usable -> usable));
    }

    /** One file and one service, moved from the one to the other. */
    @Test
    void movesFromAFileToAServiceAndBack() throws Exception {
        open();
        f.put("a", "one");
        f.store.createProject(new ProjectName("web"), NamingRule.ANY);
        f.put(path("web", "default", "b"), "two");
        reopen(near);
        f.store.rotateKeys();
        assertEquals(List.of(true, true), usable());
        Path file = f.keyFiles.removeFirst();
        Files.delete(file);

        reopen(near);

        assertEquals("one", f.read("a"));
        assertEquals("two", f.read(path("web", "default", "b"), Optional.empty()));
        assertEquals(
                List.of("near:v1"),
                f.store.rotateKeys().keks().stream().map(Kek::id).toList());
        f.keyFiles.add(file);
        reopen(near);
        f.store.rotateKeys();
        reopen();
        near.away = true;
        assertEquals("one", f.read("a"));
    }

    @Test
    void otherKeysTakeTheirPlaceWhileItServes() {
        open();
        f.put("a", "one");
        f.store.useKeys(Stream.concat(f.keks().stream(), Stream.of(near)).toList());
        f.store.rotateKeys();
        f.store.useKeys(List.of(near));
        assertEquals("one", f.read("a"));
        assertEquals(
                List.of("near:v1"),
                f.store.rotateKeys().keks().stream().map(Kek::id).toList());
        f.keyFiles.clear();

        reopen(near);

        assertEquals("one", f.read("a"));
    }

    @Test
    void keysThatOpenNothingDoNotTakeTheirPlace() {
        open(near);
        f.put("a", "one");
        awaitAllUsable();

        assertUnusable("service/far has key far:v1, which opens nothing here", () -> f.store.useKeys(List.of(far)));

        assertEquals(List.of(true, true), usable());
        assertEquals("one", f.read("a"));
    }

    @Test
    void aKeyThatIsTakenOutIsAwayNoMore() {
        open(near, far);
        awaitAllUsable();
        far.away = true;
        f.store.createProject(new ProjectName("late"), NamingRule.ANY);
        await("it is noticed", () -> !f.store.keysAway().isEmpty());

        f.store.useKeys(List.of(near));

        assertEquals(List.of(), f.store.keysAway());
    }

    @Test
    void noLookUpAsksAKey() {
        f.keyFiles.clear();
        open(near);
        f.put("a", "one");
        // Two for the new store's data key, two of the upkeep's first round.
        await("the upkeep is done", () -> near.asked.get() == 4);
        near.away = true;

        for (int i = 0; i < 100; i++) {
            assertEquals("one", f.read("a"));
        }

        assertEquals(4, near.asked.get());
    }

    @Test
    void anUnreachableKeyIsNoHindranceWhereAnotherOpensTheStore() {
        open(near);
        f.put("a", "one");
        f.store.rotateKeys();
        f.close();
        near.away = true;

        open(near);

        assertEquals("one", f.read("a"));
        String reason = "service/near cannot be reached: connection refused";
        await("it is said", () -> f.heard.contains("away service/near: " + reason));
        assertEquals(List.of(new KeyAway("fake", "service/near", reason)), f.store.keysAway());
        Kek told = f.store.keys().keks().get(1);
        assertFalse(told.usable());
        assertEquals(Optional.of(reason), told.problem());
        assertEquals("near:v1", told.id(), "as it was last known");
    }

    @Test
    void aKeyThatIsBackGetsTheWrapsItMissed() throws Exception {
        open(near);
        awaitAllUsable();
        near.away = true;
        f.store.createProject(new ProjectName("late"), NamingRule.ANY);
        f.put(path("late", "default", "c"), "three");
        await("it is noticed", () -> !f.store.keysAway().isEmpty());
        near.away = false;
        await("it is told", () -> f.heard.contains("back service/near"));
        assertEquals(List.of(), f.store.keysAway());
        f.close();
        Files.delete(f.keyFiles.removeFirst());

        open(near);

        assertEquals("three", f.read(path("late", "default", "c"), Optional.empty()));
    }

    @Test
    void withoutAnyKeyItSaysWhatIsWrongWithEach() throws Exception {
        open(near, far);
        awaitAllUsable();
        f.close();
        Path file = f.keyFiles.getFirst();
        Files.delete(file);
        near.away = true;
        far.destroy();

        Failure failure = assertUnusable("the store cannot be opened: ", () -> open(near, far));

        for (String reason : List.of(
                file + " is not there",
                "service/near cannot be reached: connection refused",
                "service/far is not there")) {
            assertTrue(failure.message().contains(reason), failure.message());
        }
        assertFalse(Files.exists(file), "no key is made in place of a lost one");
    }

    @Test
    void aSilentKeyHoldsTheStartNoLongerThanThePatience() {
        f.keyFiles.clear();
        open(near, far);
        awaitAllUsable();
        f.close();
        near.silence = new CountDownLatch(1);

        open(near, far);
        f.close();
        far.away = true;
        f.patience = Duration.ofMillis(200);

        Failure failure = assertUnusable("service/near did not answer in time", () -> open(near, far));
        assertTrue(failure.message().contains("service/far cannot be reached"), failure.message());
    }

    @Test
    void aKeyThatIsNewAndOpensNothingIsTakenInBesideOneThatOpens() {
        open();
        f.put("a", "one");
        reopen(far);
        awaitAllUsable();
        f.keyFiles.clear();

        reopen(far);

        assertEquals("one", f.read("a"));
    }

    @Test
    void aKeyThatIsNewAndOpensNothingIsRefusedAlone() {
        open();
        f.close();
        f.keyFiles.clear();

        assertUnusable("service/far has key far:v1, which opens nothing here", () -> open(far));
    }

    private void projects(int count) {
        IntStream.range(0, count).forEach(i -> f.store.createProject(new ProjectName("p" + i), NamingRule.ANY));
    }

    @Test
    void aServiceThatTakesSeveralIsAskedOnceForSoMany() {
        open();
        projects(6);
        near.most = 3;
        reopen(near);
        awaitAllUsable();
        f.keyFiles.clear();
        f.close();
        near.asked.set(0);

        reopen(near);

        // Its generations and the default project's key with six others, then two of the upkeep's first round.
        await("the upkeep is done", () -> near.asked.get() == 1 + 3 + 2);
        assertEquals(7, f.store.projects().size());
    }

    @Test
    void whatAServiceDoesNotOpenIsNamedAndLeftToTheOthers() {
        open();
        projects(3);
        near.most = 100;
        reopen(near, far);
        awaitAllUsable();
        f.keyFiles.clear();
        near.forbidden = Set.of("project p1");
        reopen(near, far);
        assertEquals(4, f.store.projects().size());
        f.close();
        far.away = true;

        assertUnusable(
                "service/near does not open what is wrapped under it: the key of project p1; service/far cannot",
                () -> open(near, far));
    }

    @Test
    void whatAServiceNeverWrappedIsNamed() {
        f.keyFiles.clear();
        open(near, far);
        awaitAllUsable();
        near.away = true;
        projects(7);
        f.close();
        near.away = false;
        far.away = true;

        assertUnusable(
                "service/near never wrapped the key of projects p0, p1, p2, p3, p4 and 2 more", () -> open(near, far));
    }

    @Test
    void rewrapsUnderTheNewestVersionOfAKeyThatItsServiceRotated() {
        f.keyFiles.clear();
        open(near);
        f.put("a", "one");
        awaitAllUsable();
        near.addVersion();

        assertEquals(
                List.of("near:v2"),
                f.store.rotateKeys().keks().stream().map(Kek::id).toList());

        near.dropOld();
        reopen(near);
        assertEquals("one", f.read("a"));
    }

    @Test
    void aVersionThatItsServiceOpensNoMoreIsNamed() {
        f.keyFiles.clear();
        open(near);
        awaitAllUsable();
        f.close();
        near.addVersion();
        near.dropOld();

        Failure failure = assertUnusable("service/near has key near:v2, which opens nothing here", () -> open(near));

        assertTrue(failure.hint().orElse("").contains("it opens with key near:v1"), failure.toString());
    }

    @Test
    void aKeyThatMayNotUnwrapIsNotCalledUsable() {
        open(near);
        awaitAllUsable();

        near.mayUnwrap = false;

        assertEquals(List.of(true, false), usable());
    }

    @Test
    void doesNotRotateWhileAKeyIsAway() {
        open(near, far);
        awaitAllUsable();
        near.away = true;
        far.away = true;

        Failure failure = assertUnusable("keys cannot be rotated: ", () -> f.store.rotateKeys());

        assertTrue(failure.message().contains("service/near cannot be reached"), failure.message());
        assertTrue(failure.message().contains("service/far cannot be reached"), failure.message());
    }

    @Test
    void aProjectIsNotMadeWhereNothingCanWrapItsKey() {
        f.keyFiles.clear();
        open(near);
        awaitAllUsable();
        near.away = true;

        assertUnusable(
                "no key of the store can be used now: service/near cannot be reached",
                () -> f.store.createProject(new ProjectName("web"), NamingRule.ANY));

        assertEquals(1, f.store.projects().size());
    }

    @Test
    void aBackupOpensWithAnyKeyThatWasThere() {
        open(near);
        awaitAllUsable();
        f.put("a", "one");
        ByteArrayOutputStream backup = new ByteArrayOutputStream();
        f.store.backup(backup, _ -> {});
        f.put("a", "two");
        f.keyFiles.clear();
        reopen(near);

        f.store.restore(new ByteArrayInputStream(backup.toByteArray()), _ -> {});

        assertEquals("one", f.read("a"));
    }

    @Test
    void aFirstStartNeedsOneOfItsKeys() {
        near.away = true;
        open(near);
        near.away = false;
        f.put("a", "one");
        awaitAllUsable();
        f.keyFiles.clear();
        reopen(near);
        assertEquals("one", f.read("a"));
    }

    @Test
    void aFirstStartWithoutAnyMakesNothing() {
        f.keyFiles.clear();
        near.away = true;
        assertUnusable("no key of the store can be used now: service/near cannot be reached", () -> open(near));

        near.away = false;
        open(near);

        f.put("a", "one");
        assertEquals("one", f.read("a"));
    }
}
