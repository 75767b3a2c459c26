package dev.latchkey.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What was acknowledged stays, through kills, copies, key changes; and damage is refused by name. */
final class DurabilityTest {
    @Test
    void losesNothingAcknowledgedWhenKilled() {
        try (TestAgent agent = TestAgent.started()) {
            Map<String, Canary> acknowledged = new LinkedHashMap<>();
            int rounds = Machine.full() ? 50 : 3;
            for (int round = 0; round < rounds; round++) {
                for (int i = 0; i < 2; i++) {
                    String name = "kept-" + round + "-" + i;
                    acknowledged.put(name, agent.put(name));
                }
                agent.killHard();
                agent.start();
            }
            acknowledged.forEach((name, canary) -> agent.assertDelivers("V", canary, "--secret", "V=" + name));
            Finished verify = agent.admin("store", "verify").run().succeeds();
            assertEquals(0, verify.status());
        }
    }

    @Test
    void restoresABackupMadeWhileRunning() {
        try (TestAgent agent = TestAgent.started()) {
            Canary canary = agent.put("saved");
            Path backup = agent.folder().resolve("backup.bin");
            agent.does("backup", backup.toString());
            agent.put("saved");
            agent.put("later");
            agent.does("restore", backup.toString());
            agent.assertDelivers("V", canary, "--secret", "V=saved");
            agent.launch("--secret", "V=later", "--", "true").refuses(122);
        }
    }

    @Test
    void refusesADamagedBackupAndKeepsWhatItHas() throws Exception {
        try (TestAgent agent = TestAgent.started()) {
            Canary canary = agent.put("saved");
            Path backup = agent.folder().resolve("backup.bin");
            agent.does("backup", backup.toString());
            flip(backup, Files.size(backup) / 2);
            agent.admin("restore", backup.toString()).run().exits(1);
            agent.assertDelivers("V", canary, "--secret", "V=saved");
        }
    }

    @Test
    void changesItsKeyWithoutLosingARead() throws Exception {
        try (TestAgent agent = TestAgent.started()) {
            Canary canary = agent.put("read-always");
            AtomicBoolean done = new AtomicBoolean();
            CompletableFuture<Integer> reader = Command.inBackground(() -> {
                int reads = 0;
                while (!done.get()) {
                    agent.launch("--secret", "V=read-always", "--", "true").succeeds();
                    reads++;
                }
                return reads;
            });
            agent.does("key", "rotate");
            agent.does("key", "rotate");
            done.set(true);
            assertTrue(reader.get() > 0);
            agent.does("key", "status");
            agent.stop();
            agent.start();
            agent.assertDelivers("V", canary, "--secret", "V=read-always");
        }
    }

    // ---- keys ----

    @Test
    void refusesToStartWithoutItsKeyAndNamesIt() throws Exception {
        try (TestAgent agent = TestAgent.prepared()) {
            Path key = agent.folder().resolve("kek");
            agent.configured(withKey(key)).start();
            Canary canary = agent.put("locked");
            agent.stop();
            Path hidden = Files.move(key, agent.folder().resolve("kek.away"));
            assertNamed(agent.runCommand().run().exits(1), "kek");
            assertFalse(Files.exists(key), "a missing key must not be made anew for a store that has data");
            Files.move(hidden, key);
            agent.start();
            agent.assertDelivers("V", canary, "--secret", "V=locked");
        }
    }

    @Test
    void refusesToStartWithAnotherKey() throws Exception {
        try (TestAgent agent = TestAgent.prepared()) {
            Path key = agent.folder().resolve("kek");
            agent.configured(withKey(key)).start();
            agent.put("locked");
            agent.stop();
            byte[] bytes = Files.readAllBytes(key);
            for (int i = 0; i < bytes.length; i++) {
                flip(key, i);
            }
            assertNamed(agent.runCommand().run().exits(1), "kek");
            Files.write(key, bytes);
            agent.start();
        }
    }

    @Test
    void refusesAKeyThatOthersCanRead() throws Exception {
        try (TestAgent agent = TestAgent.prepared()) {
            Path key = agent.folder().resolve("kek");
            agent.configured(withKey(key)).start();
            agent.put("locked");
            agent.stop();
            Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-r--r--"));
            assertNamed(agent.runCommand().run().exits(1), "kek");
            Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-------"));
            agent.start();
        }
    }

    @Test
    void opensWithAnyOneOfSeveralKeys() throws Exception {
        try (TestAgent agent = TestAgent.prepared()) {
            Path first = agent.folder().resolve("kek-1");
            Path second = agent.folder().resolve("kek-2");
            agent.configured(withKey(first, second)).start();
            Canary canary = agent.put("doubly");
            agent.stop();
            Files.move(first, agent.folder().resolve("away"));
            agent.configured(withKey(second)).start();
            agent.assertDelivers("V", canary, "--secret", "V=doubly");
        }
    }

    private static String withKey(Path... files) {
        List<String> entries = new ArrayList<>();
        for (Path file : files) {
            entries.add("{type: file, path: " + file + "}");
        }
        return """
                providers:
                  store: {type: store, key: [%s]}
                workloads:
                  - {name: tests, match: {uid: %d}, allow: ["store:**"]}
                """.formatted(String.join(", ", entries), Machine.uid());
    }

    // ---- damage ----

    @Test
    void refusesACorruptDatabaseAndLeavesItAsItIs() throws Exception {
        try (TestAgent agent = TestAgent.started()) {
            agent.put("plain");
            agent.stop();
            Path database = database(agent);
            for (int i = 0; i < 100; i++) {
                flip(database, i);
            }
            byte[] damaged = Files.readAllBytes(database);
            assertNamed(
                    agent.runCommand().run().exits(1), database.getFileName().toString());
            assertTrue(java.util.Arrays.equals(damaged, Files.readAllBytes(database)));
        }
    }

    @Test
    void refusesAStateFolderItMayNotWrite() throws Exception {
        Machine.needsRoot();
        Machine.needs("mount");
        try (TestAgent agent = TestAgent.started()) {
            agent.put("plain");
            agent.stop();
            // Root writes through any mode, so the folder is mounted read-only, in a namespace of the test's own.
            String script =
                    "mount --bind \"$1\" \"$1\" && mount -o remount,ro,bind \"$1\" || exit 99; shift; exec \"$@\"";
            Finished run = Command.of(
                            "unshare",
                            "--mount",
                            "sh",
                            "-c",
                            script,
                            "sh",
                            agent.state().toString(),
                            Machine.AGENT,
                            "run",
                            "--state",
                            agent.state().toString(),
                            "--socket",
                            agent.socket().toString())
                    .env("XDG_CONFIG_HOME", agent.folder().toString())
                    .run();
            assertNamed(run.exits(1), agent.state().toString());
        }
    }

    @Test
    void refusesAStateFolderThatOthersCanReach() throws Exception {
        try (TestAgent agent = TestAgent.started()) {
            agent.stop();
            Files.setPosixFilePermissions(agent.state(), PosixFilePermissions.fromString("rwxrwxrwx"));
            Finished run = agent.runCommand("--", "true").run();
            // Either way is private: refusing, or making the folder private again.
            boolean open = Files.getPosixFilePermissions(agent.state()).size() > 3;
            assertTrue(run.status() == 1 || !open, run::toString);
        }
    }

    private static Path database(TestAgent agent) throws IOException {
        try (Stream<Path> files = Files.walk(agent.state())) {
            return files.filter(Files::isRegularFile)
                    .filter(DurabilityTest::isDatabase)
                    .findFirst()
                    .orElseThrow();
        }
    }

    private static boolean isDatabase(Path file) {
        try {
            byte[] bytes = Files.readAllBytes(file);
            return Canaries.contains(bytes, "SQLite format 3".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        } catch (IOException e) {
            return false;
        }
    }

    private static void assertNamed(Finished finished, String name) {
        assertTrue((finished.output() + finished.errors()).contains(name), finished::toString);
    }

    static void flip(Path file, long at) throws IOException {
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
            bytes.seek(at);
            int old = bytes.read();
            bytes.seek(at);
            bytes.write(old ^ 0x01);
        }
    }
}
