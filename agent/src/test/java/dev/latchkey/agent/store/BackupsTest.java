package dev.latchkey.agent.store;

import static dev.latchkey.agent.store.StoreFixture.assertUnusable;
import static dev.latchkey.agent.store.StoreFixture.path;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.secret.NamingRule;
import dev.latchkey.agent.secret.ProjectName;
import dev.latchkey.agent.secret.SecretStore.Details;
import dev.latchkey.agent.secret.SecretValue;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BackupsTest {
    @TempDir
    private Path folder;

    private StoreFixture f;

    @BeforeEach
    void open() {
        f = new StoreFixture(folder).open();
        f.put("a", "one");
        f.put("a", "two");
        f.store.createProject(new ProjectName("web"), NamingRule.DNS);
        f.put(path("web", "default", "b"), "three");
        f.put("gone", "x");
        f.store.purge(path("gone"), Optional.empty());
    }

    @AfterEach
    void close() {
        f.close();
    }

    private byte[] backup() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        f.store.backup(bytes, rows -> {});
        return bytes.toByteArray();
    }

    private void restore(byte[] backup) {
        f.store.restore(new ByteArrayInputStream(backup), rows -> {});
    }

    private List<String> files(String beginning) throws IOException {
        try (Stream<Path> files = Files.list(f.folder)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.startsWith(beginning))
                    .toList();
        }
    }

    @Test
    void bringsBackWhatWasThere() throws Exception {
        AtomicLong written = new AtomicLong();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        f.store.backup(bytes, written::set);
        f.put("a", "later");
        f.put("new", "later");
        f.store.purge(path("web", "default", "b"), Optional.empty());
        AtomicLong restored = new AtomicLong();

        f.store.restore(new ByteArrayInputStream(bytes.toByteArray()), restored::set);

        assertEquals(written.get(), restored.get());
        assertTrue(written.get() > 5, "rows are counted");
        assertEquals("two", f.read("a"));
        assertEquals("one", f.read("a", 1));
        assertEquals("three", f.read(path("web", "default", "b"), Optional.empty()));
        assertEquals(FailureKind.SECRET_NOT_FOUND, f.absent("new").kind());
        assertEquals(List.of(), f.store.verify(rows -> {}).problems());
        assertEquals(List.of(), files("incoming"));
        f.reopen();
        assertEquals("two", f.read("a"));
    }

    @Test
    void doesNotGiveNumbersAgainThatWereGivenSinceTheBackup() {
        byte[] backup = backup();
        f.put("a", "later");
        f.put("new", "later");

        restore(backup);

        assertEquals(4, f.put("a", "latest").version());
        assertEquals(2, f.put("new", "latest").version());
        assertEquals(2, f.put("gone", "latest").version());
    }

    @Test
    void keepsTheReplacedStoreBesideIt() throws Exception {
        byte[] backup = backup();
        f.put("a", "later");

        restore(backup);

        List<String> kept = files("replaced");
        assertEquals(List.of("replaced-2026-02-03T040506Z.db"), kept);
        f.close();
        Files.copy(
                f.folder.resolve(kept.getFirst()), f.folder.resolve("store.db"), StandardCopyOption.REPLACE_EXISTING);
        f.open();
        assertEquals("later", f.read("a"));
    }

    @Test
    void restoresOnAnotherMachineThatHasTheKey() throws Exception {
        byte[] backup = backup();
        StoreFixture other = new StoreFixture(folder.resolve("other"), "kek");
        Files.createDirectories(folder.resolve("other"));
        Files.copy(f.keyFiles.getFirst(), other.keyFiles.getFirst());
        other.open();
        other.put("a", "theirs");

        other.store.restore(new ByteArrayInputStream(backup), rows -> {});

        assertEquals("two", other.read("a"));
        other.reopen();
        assertEquals("three", other.read(path("web", "default", "b"), Optional.empty()));
        assertEquals(3, other.put("a", "more").version());
        other.close();
    }

    @Test
    void opensWithItsOwnKeyOnlyAndChangesNothingOtherwise() {
        byte[] backup = backup();
        StoreFixture other = new StoreFixture(folder.resolve("other")).open();
        other.put("a", "theirs");

        assertUnusable(
                "which is none of this store's",
                () -> other.store.restore(new ByteArrayInputStream(backup), rows -> {}));

        assertEquals("theirs", other.read("a"));
        other.close();
    }

    @Test
    void changesNothingWhenTheBackupIsCutOrChangedAnywhere() throws Exception {
        byte[] backup = backup();
        f.put("a", "later");
        for (int at = 0; at < backup.length; at += 37) {
            byte[] cut = Arrays.copyOf(backup, at);
            assertUnusable("backup", () -> restore(cut));
            byte[] changed = backup.clone();
            changed[at] ^= 1;
            assertUnusable("backup", () -> restore(changed));
        }
        assertUnusable("something follows its end", () -> restore(Arrays.copyOf(backup, backup.length + 1)));

        assertEquals("later", f.read("a"));
        assertEquals(3, f.current("a"));
        assertEquals(List.of(), files("replaced"));
        assertEquals(List.of(), files("incoming"));
    }

    @Test
    void changesNothingWhenARowOfTheBackupDoesNotOpen() throws Exception {
        f.close();
        f.sql("UPDATE version SET sealed = zeroblob(40) WHERE number = 2");
        f.open();
        byte[] backup = backup();
        f.put("c", "kept");

        assertUnusable("default/default/a@2", () -> restore(backup));

        assertEquals("kept", f.read("c"));
        assertEquals(List.of(), files("replaced"));
    }

    @Test
    void servesAndWritesWhileItIsBackedUp() throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        boolean[] asked = {false};
        OutputStream slow = new OutputStream() {
            @Override
            public void write(int octet) {
                write(new byte[] {(byte) octet}, 0, 1);
            }

            @Override
            public void write(byte[] octets, int offset, int length) {
                if (!asked[0]) {
                    asked[0] = true;
                    assertEquals("two", f.read("a"));
                    f.put("a", "during");
                    f.store.purge(path("web", "default", "b"), Optional.empty());
                }
                bytes.write(octets, offset, length);
            }
        };

        f.store.backup(slow, rows -> {});

        assertTrue(asked[0]);
        assertEquals(0, Files.size(f.folder.resolve("store.db-wal")), "what was purged meanwhile is gone from the log");
        assertEquals("during", f.read("a"));
        restore(bytes.toByteArray());
        assertEquals("two", f.read("a"));
        assertEquals("three", f.read(path("web", "default", "b"), Optional.empty()));
    }

    @Test
    void saysWhenItCannotBeWritten() {
        OutputStream full = new OutputStream() {
            @Override
            public void write(int octet) throws IOException {
                throw new IOException("No space left on device");
            }
        };

        assertUnusable("the backup cannot be written: no space left on device", () -> f.store.backup(full, rows -> {}));
        assertEquals("two", f.read("a"));
    }

    @Test
    void holdsNoValueAndNoNameInTheClear() throws Exception {
        byte[] canary = Canary.random();
        f.store.put(path("canary-name"), SecretValue.owning(canary.clone()), Details.NONE, Optional.empty());
        Path backups = Files.createDirectory(folder.resolve("backups"));
        Path file = backups.resolve("backup");
        Files.write(file, backup());
        restore(Files.readAllBytes(file));
        f.close();

        assertFalse(Canary.occursIn(folder, canary));
        assertFalse(Canary.occursIn(backups, "canary-name".getBytes(java.nio.charset.StandardCharsets.US_ASCII)));
    }
}
