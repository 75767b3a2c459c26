package dev.latchkey.agent.store;

import static dev.latchkey.agent.store.StoreFixture.assertUnusable;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoreOpeningTest {
    @TempDir
    private Path folder;

    private StoreFixture f;
    private Path kek;
    private Path database;

    @BeforeEach
    void makeAStore() {
        f = new StoreFixture(folder).open();
        kek = f.keyFiles.getFirst();
        database = f.folder.resolve("store.db");
        f.put("a", "one");
        f.close();
    }

    @AfterEach
    void close() {
        f.close();
    }

    private byte[] content() throws Exception {
        return Files.readAllBytes(database);
    }

    @Test
    void saysOnceThatItMadeAKey() {
        f.open();

        assertEquals(List.of("key " + kek), f.heard);
        assertEquals("one", f.read("a"));
    }

    @Test
    void neverMakesAKeyOverData() throws Exception {
        Files.delete(kek);
        byte[] before = content();

        assertUnusable(kek + " does not exist", f::open);

        assertFalse(Files.exists(kek));
        assertArrayEquals(before, content());
    }

    @Test
    void refusesTheKeyOfAnotherStore() throws Exception {
        StoreFixture other = new StoreFixture(folder.resolve("other")).open();
        other.close();
        byte[] right = Files.readAllBytes(kek);
        Files.copy(other.keyFiles.getFirst(), kek, java.nio.file.StandardCopyOption.REPLACE_EXISTING);

        assertUnusable("is not the one in " + kek, f::open);

        Files.write(kek, right);
        f.open();
        assertEquals("one", f.read("a"));
    }

    @Test
    void usesAKeyThatIsThereAlready() throws Exception {
        StoreFixture other = new StoreFixture(folder.resolve("other"), "kek");
        Files.createDirectories(folder.resolve("other"));
        Files.copy(kek, other.keyFiles.getFirst());

        other.open();

        assertEquals(List.of(), other.heard);
        other.close();
    }

    @Test
    void refusesADatabaseThatIsDamagedAnywhere() throws Exception {
        byte[] good = content();
        for (int at : new int[] {0, 100, 4096, good.length / 2}) {
            byte[] bad = good.clone();
            java.util.Arrays.fill(bad, at, Math.min(at + 600, bad.length), (byte) 0x5A);
            Files.write(database, bad);
            assertUnusable(database + " is damaged", f::open);
            assertArrayEquals(bad, content());
        }
        Files.write(database, java.util.Arrays.copyOf(good, good.length / 2));
        assertUnusable(database + " is damaged", f::open);
        Files.writeString(database, "this is not a database, it is only a text of some length");
        assertUnusable(database + " is damaged", f::open);
    }

    @Test
    void refusesAnotherProgramsDatabase() throws Exception {
        f.sql("PRAGMA application_id = 7");

        assertUnusable("is not a database of Latchkey", f::open);
    }

    @Test
    void refusesANewerSchemaByNumberAndChangesNothing() throws Exception {
        f.sql("PRAGMA user_version = 9");
        byte[] before = content();

        assertUnusable("has schema 9, and this agent knows only up to 1", f::open);

        assertArrayEquals(before, content());
    }

    @Test
    void migratesOnceAfterABackup() throws Exception {
        List<List<String>> steps = new ArrayList<>(Schema.CURRENT.steps());
        steps.add(List.of("ALTER TABLE project ADD COLUMN colour TEXT"));
        f.heard.clear();
        f.schema = new Schema(steps);
        f.open();
        f.reopen();

        String copy = "before-schema-2-2026-02-03T040506Z.db";
        assertEquals(List.of("migrated 1 to 2 keeping " + copy), f.heard);
        assertEquals("one", f.read("a"));
        f.close();
        Files.copy(f.folder.resolve(copy), database, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        f.schema = Schema.CURRENT;
        f.open();
        assertEquals("one", f.read("a"));
    }

    @Test
    void leavesTheOldSchemaWhenAMigrationFails() throws Exception {
        List<List<String>> steps = new ArrayList<>(Schema.CURRENT.steps());
        steps.add(List.of("ALTER TABLE project ADD COLUMN colour TEXT", "this is not SQL"));
        f.schema = new Schema(steps);
        org.junit.jupiter.api.Assertions.assertThrows(dev.latchkey.agent.failure.AgentException.class, f::open);

        f.schema = Schema.CURRENT;
        f.open();

        assertEquals("one", f.read("a"));
    }

    @Test
    void keepsEveryFilePrivate() throws Exception {
        Files.setPosixFilePermissions(f.folder, PosixFilePermissions.fromString("rwxrwxrwx"));
        Files.setPosixFilePermissions(database, PosixFilePermissions.fromString("rw-rw-rw-"));
        f.open();
        f.put("a", "two");

        try (Stream<Path> files = Files.walk(f.folder)) {
            for (Path file : files.toList()) {
                String mode = PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
                assertTrue(mode.endsWith("------"), file + " is " + mode);
            }
        }
        try (Stream<Path> files = Files.list(f.folder)) {
            assertTrue(files.map(file -> file.getFileName().toString())
                    .toList()
                    .containsAll(Set.of("store.db", "store.db-wal", "store.db-shm", "kek", "lock")));
        }
    }

    @Test
    void finishesAFirstStartThatWasCutShort() throws Exception {
        StoreFixture other = new StoreFixture(folder.resolve("other"));
        Files.createDirectories(other.folder);
        Files.createFile(other.folder.resolve("store.db"));
        other.open();
        other.put("x", "y");
        assertEquals("y", other.read("x"));
        other.close();
    }

    @Test
    void refusesToSealMoreOftenThanAKeyMay() throws Exception {
        f.sql("UPDATE data_key SET seals = 4294967296");
        f.open();

        assertUnusable("has sealed as many values as it may", () -> f.put("a", "two"));

        assertEquals("one", f.read("a"));
        assertEquals(1, f.current("a"));
    }

    @Test
    void refusesRowsThatWereSwappedAndNamesThem() throws Exception {
        f.open();
        f.put("b", "two");
        f.put("c", "three");
        f.close();
        f.sql(
                "CREATE TEMP TABLE t AS SELECT s.name, v.sealed FROM version v JOIN secret s ON s.id = v.secret",
                """
                UPDATE version SET sealed = (SELECT sealed FROM t WHERE name = 'b')
                WHERE secret = (SELECT id FROM secret WHERE name = 'a')""",
                """
                UPDATE version SET sealed = (SELECT sealed FROM t WHERE name = 'a')
                WHERE secret = (SELECT id FROM secret WHERE name = 'b')""");
        f.open();

        for (String name : List.of("a", "b")) {
            StoreFixture.assertRefused(
                    dev.latchkey.agent.failure.FailureKind.DECRYPTION_FAILED,
                    "decryption failed: default/default/" + name + "@1 is not what was stored there",
                    () -> f.read(name));
            StoreFixture.assertRefused(
                    dev.latchkey.agent.failure.FailureKind.DECRYPTION_FAILED,
                    "decryption failed: default/default/" + name + "@1 is not what was stored there",
                    () -> f.readDirect(name));
        }
        assertEquals("three", f.read("c"));
        assertEquals("three", f.readDirect("c"));
        var verification = f.store.verify(rows -> {});
        assertEquals(3, verification.versions());
        assertEquals(
                List.of("default/default/a@1", "default/default/b@1"),
                verification.problems().stream().map(p -> p.split(":", 2)[0]).toList());
        assertEquals(2, f.put("a", "healed").version());
        assertEquals("healed", f.read("a"));
    }

    @Test
    void refusesAValueMovedToAnotherVersionOfItsName() throws Exception {
        f.open();
        f.put("a", "two");
        f.close();
        f.sql("UPDATE version SET sealed = (SELECT sealed FROM version WHERE number = 1) WHERE number = 2");
        f.open();

        StoreFixture.assertRefused(
                dev.latchkey.agent.failure.FailureKind.DECRYPTION_FAILED,
                "decryption failed: default/default/a@2 is not what was stored there",
                () -> f.read("a"));
    }

    @Test
    void leavesNothingOfAPurgedVersionInItsFiles() throws Exception {
        f.open();
        f.put("gone", "x".repeat(3000));
        f.close();
        byte[] sealed;
        try (var connection = java.sql.DriverManager.getConnection("jdbc:sqlite:" + database);
                var statement = connection.createStatement();
                var rows = statement.executeQuery("SELECT max(sealed) FROM version WHERE length(sealed) > 3000")) {
            sealed = rows.getBytes(1);
        }
        byte[] part = java.util.Arrays.copyOfRange(sealed, 100, 164);
        assertTrue(Canary.occursIn(f.folder, part), "the ciphertext is there before");
        f.open();

        f.store.purge(StoreFixture.path("gone"), java.util.Optional.empty());

        // Only its size is asked for: opening a file of SQLite while it is in use would drop the locks on it.
        // process's view is not taken.
        assertEquals(0, Files.size(f.folder.resolve("store.db-wal")));
        f.close();
        assertFalse(Canary.occursIn(f.folder, part), "the ciphertext is gone after");
    }

    @Test
    void servesFromAFileThatWasTornInItsLog() throws Exception {
        f.open();
        f.put("a", "two");
        Path copy = Files.createDirectory(folder.resolve("copy"));
        for (String name : List.of("store.db", "store.db-wal")) {
            new ProcessBuilder("cp", f.folder.resolve(name).toString(), copy.toString())
                    .start()
                    .waitFor();
        }
        f.close();
        Files.copy(copy.resolve("store.db"), database, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        Path log = f.folder.resolve("store.db-wal");
        Files.copy(copy.resolve("store.db-wal"), log);
        try (RandomAccessFile torn = new RandomAccessFile(log.toFile(), "rw")) {
            torn.setLength(torn.length() - 100);
        }

        f.open();

        assertEquals("one", f.read("a"));
    }
}
