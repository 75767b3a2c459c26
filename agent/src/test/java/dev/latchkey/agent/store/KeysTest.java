package dev.latchkey.agent.store;

import static dev.latchkey.agent.store.StoreFixture.assertUnusable;
import static dev.latchkey.agent.store.StoreFixture.path;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.latchkey.agent.secret.NamingRule;
import dev.latchkey.agent.secret.ProjectName;
import dev.latchkey.agent.secret.StoreCustody.Kek;
import dev.latchkey.agent.secret.StoreCustody.KeyStatus;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeysTest {
    @TempDir
    private Path folder;

    private StoreFixture f;
    private Path first;
    private Path second;

    @BeforeEach
    void open() {
        f = new StoreFixture(folder, "kek-1", "kek-2").open();
        first = f.keyFiles.get(0);
        second = f.keyFiles.get(1);
        f.put("a", "one");
        f.store.createProject(new ProjectName("web"), NamingRule.ANY);
        f.put(path("web", "default", "b"), "two");
    }

    @AfterEach
    void close() {
        f.close();
    }

    private void assertServes() {
        assertEquals("one", f.read("a"));
        assertEquals("two", f.read(path("web", "default", "b"), Optional.empty()));
    }

    private List<String> ids() {
        return f.store.keys().keks().stream().map(Kek::id).toList();
    }

    @Test
    void showsEveryKey() {
        KeyStatus status = f.store.keys();

        assertEquals(2, status.dataKeys());
        assertEquals(
                List.of(first.toString(), second.toString()),
                status.keks().stream().map(Kek::where).toList());
        assertEquals(
                List.of(true, true), status.keks().stream().map(Kek::usable).toList());
        assertEquals("2026-02-03T04:05:06Z", status.since().orElseThrow().toString());
    }

    @Test
    void aKeyThatCannotBeLookedAtHasNoDate() throws Exception {
        Files.delete(first);
        Files.delete(second);

        KeyStatus status = f.store.keys();
        assertEquals(Optional.empty(), status.since());
        assertEquals(
                List.of(false, false), status.keks().stream().map(Kek::usable).toList());
    }

    @Test
    void opensWithAnyOneOfItsKeys() throws Exception {
        for (Path lost : List.of(first, second)) {
            f.close();
            byte[] key = Files.readAllBytes(lost);
            Files.delete(lost);
            f.open();

            assertServes();
            assertFalse(Files.exists(lost), "a lost key is not made anew");
            assertEquals(1, f.store.keys().keks().stream().filter(Kek::usable).count());
            Files.write(lost, key);
            Files.setPosixFilePermissions(lost, java.nio.file.attribute.PosixFilePermissions.fromString("rw-------"));
        }
    }

    @Test
    void aKeyFileThatIsDamagedWhileItServesIsShownAndNoHindrance() throws Exception {
        Files.writeString(second, "no key any more");

        Kek damaged = f.store.keys().keks().get(1);

        assertFalse(damaged.usable());
        assertTrue(damaged.problem().orElse("").contains(second + " is not usable"), damaged.toString());
        f.store.createProject(new ProjectName("late"), NamingRule.ANY);
        assertServes();
    }

    @Test
    void wrapsWhatWasMadeWhileAKeyWasAwayOnceItIsBack() throws Exception {
        f.close();
        Path away = folder.resolve("away");
        Files.move(second, away);
        f.open();
        f.store.createProject(new ProjectName("late"), NamingRule.ANY);
        f.put(path("late", "default", "c"), "three");
        f.close();
        Files.move(away, second);
        f.open();
        f.close();
        Files.delete(first);

        f.open();

        assertServes();
        assertEquals("three", f.read(path("late", "default", "c"), Optional.empty()));
    }

    @Test
    void takesInAKeyThatIsNewInTheConfiguration() throws Exception {
        f.close();
        Path third = folder.resolve("kek-3");
        f.keyFiles.add(third);
        f.open();
        f.close();
        Files.delete(first);
        Files.delete(second);

        f.open();

        assertServes();
    }

    @Test
    void wrapsAnewUnderNewKeys() throws Exception {
        List<String> before = ids();
        byte[] oldFirst = Files.readAllBytes(first);
        byte[] oldSecond = Files.readAllBytes(second);

        KeyStatus status = f.store.rotateKeys();

        assertEquals(
                List.of(true, true), status.keks().stream().map(Kek::usable).toList());
        assertEquals(0, ids().stream().filter(before::contains).count());
        assertServes();
        f.reopen();
        assertServes();
        f.close();
        Files.write(first, oldFirst);
        Files.write(second, oldSecond);
        assertUnusable("is not the one in", f::open);
    }

    @Test
    void opensAfterARotationThatWasCutAfterItsFirstStep() {
        f.close();
        f.keks().forEach(kek -> kek.addGeneration());
        f.open();

        assertServes();
        for (var kek : f.keks()) {
            assertEquals(1, kek.generations().size(), "the rotation was finished");
        }
        assertEquals(
                List.of(true, true),
                f.store.keys().keks().stream().map(Kek::usable).toList());
    }

    @Test
    void opensAfterARotationThatWasCutBeforeItsLastStep() throws Exception {
        byte[] old = Files.readAllBytes(first);
        f.store.rotateKeys();
        String fresh = Files.readString(first);
        String oldLine = new String(old, java.nio.charset.StandardCharsets.US_ASCII).split("\n", -1)[1];
        f.close();
        Files.writeString(first, fresh + oldLine + "\n");

        f.open();

        assertServes();
        assertEquals(fresh, Files.readString(first));
    }

    @Test
    void doesNotRotateWithoutAllItsKeys() throws Exception {
        Files.delete(second);
        byte[] before = Files.readAllBytes(first);

        assertUnusable("keys cannot be rotated: " + second + " is not there", () -> f.store.rotateKeys());

        assertArrayEquals(before, Files.readAllBytes(first));
        assertServes();
    }

    @Test
    void forgetsAKeyThatIsConfiguredNoMoreWhenItRotates() throws Exception {
        f.close();
        f.keyFiles.remove(second);
        f.open();
        f.store.rotateKeys();
        f.close();
        f.keyFiles.remove(first);
        f.keyFiles.add(second);

        assertUnusable("is not the one in " + second, f::open);
    }

    @Test
    void readsGoOnWhileItRotates() throws Exception {
        AtomicBoolean done = new AtomicBoolean();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Callable<Integer> reading = () -> {
                int reads = 0;
                while (!done.get() || reads == 0) {
                    assertServes();
                    reads++;
                }
                return reads;
            };
            List<Future<Integer>> readers = List.of(threads.submit(reading), threads.submit(reading));
            for (int i = 0; i < 10; i++) {
                f.store.rotateKeys();
            }
            done.set(true);
            for (Future<Integer> reader : readers) {
                assertTrue(reader.get() > 0);
            }
        }
        f.reopen();
        assertServes();
    }

    @Test
    void exportsAKeyThatOpensTheStore() throws Exception {
        Path copy = folder.resolve("copy");
        f.store.exportKey(copy);
        f.close();
        Files.delete(first);
        Files.delete(second);
        f.keyFiles.clear();
        f.keyFiles.add(copy);

        f.open();

        assertServes();
        assertNotEquals("", ids().getFirst());
    }
}
