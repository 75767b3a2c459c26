package dev.latchkey.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The audit log: written before anything is served, verified by its chain, and serving stops where it cannot be. */
final class AuditTest {
    @Test
    void recordsGrantsRefusalsAndChanges() {
        try (TestAgent agent = TestAgent.started()) {
            agent.put("watched");
            agent.launch("--secret", "V=watched", "--", "true").succeeds();
            agent.launch("--secret", "V=watched-not", "--", "true").refuses(122);
            Finished query = agent.does("audit", "query", "--secret", "watched", "--format", "json");
            assertTrue(Json.parse(query.output()).size() >= 2, query::toString);
            Finished csv = agent.does("audit", "query", "--format", "csv");
            assertTrue(csv.lines().size() > 3, csv::toString);
        }
    }

    @Test
    void verifiesItsOwnChainUpToAHead() {
        try (TestAgent agent = TestAgent.started()) {
            agent.put("watched");
            agent.launch("--secret", "V=watched", "--", "true").succeeds();
            String head = agent.does("audit", "head").output().strip();
            assertTrue(head.matches("\\d+:[0-9a-zA-Z_-]{32,}"), head);
            agent.launch("--secret", "V=watched", "--", "true").succeeds();
            agent.does("audit", "verify", "--head", head);
            Finished without = agent.does("audit", "verify");
            assertTrue(
                    (without.output() + without.errors()).contains("no head given: accidents only"), without::toString);
        }
    }

    @Test
    void verifiesWithoutAnAgent() {
        try (TestAgent agent = TestAgent.started()) {
            agent.put("watched");
            agent.launch("--secret", "V=watched", "--", "true").succeeds();
            agent.stop();
            agent.does("audit", "verify", agent.audit().toString());
        }
    }

    @Test
    void detectsEveryFlippedByte() throws Exception {
        try (TestAgent agent = TestAgent.started()) {
            agent.put("watched");
            agent.launch("--secret", "V=watched", "--", "true").succeeds();
            String head = agent.does("audit", "head").output().strip();
            agent.stop();
            byte[] log = Files.readAllBytes(agent.audit());
            int step = Machine.full() ? 1 : Math.max(1, log.length / 5);
            for (int at = step / 2; at < log.length; at += step) {
                byte[] changed = log.clone();
                changed[at] ^= 0x01;
                Path copy = agent.write("changed.log", changed);
                agent.admin("audit", "verify", copy.toString(), "--head", head)
                        .run()
                        .exits(1);
            }
        }
    }

    @Test
    void detectsRemovalAndTruncationGivenAHead() throws Exception {
        try (TestAgent agent = TestAgent.started()) {
            for (int i = 0; i < 3; i++) {
                agent.launch("--secret", "V=none-" + i, "--", "true").refuses(122);
            }
            String head = agent.does("audit", "head").output().strip();
            agent.stop();
            byte[] log = Files.readAllBytes(agent.audit());
            Path shorter = agent.write("shorter.log", java.util.Arrays.copyOf(log, log.length / 2));
            agent.admin("audit", "verify", shorter.toString(), "--head", head)
                    .run()
                    .exits(1);
            List<String> lines = Files.readAllLines(agent.audit(), java.nio.charset.StandardCharsets.ISO_8859_1);
            if (lines.size() > 4) {
                lines.remove(2);
                Path removed = agent.write("removed.log", String.join("\n", lines) + "\n");
                agent.admin("audit", "verify", removed.toString(), "--head", head)
                        .run()
                        .exits(1);
            }
        }
    }

    @Test
    void aTornLastRecordIsCutAndAnythingElseRefused() throws Exception {
        try (TestAgent agent = TestAgent.started()) {
            Canary canary = agent.put("watched");
            agent.killHard();
            // As a crash in the middle of a write leaves it.
            byte[] log = Files.readAllBytes(agent.audit());
            Files.write(agent.audit(), java.util.Arrays.copyOf(log, log.length - 3));
            agent.start();
            agent.assertDelivers("V", canary, "--secret", "V=watched");
            agent.stop();
            DurabilityTest.flip(agent.audit(), 40);
            Finished run = agent.runCommand().run().exits(1);
            assertTrue((run.output() + run.errors()).contains("audit.log"), run::toString);
        }
    }

    @Test
    void servesNothingWhereItCannotWriteAndRecoversByItself() throws Exception {
        Machine.needsRoot();
        Machine.needs("mount");
        try (TestAgent agent = TestAgent.prepared()) {
            Path disk = Files.createDirectory(agent.folder().resolve("disk"));
            mount(disk);
            try {
                agent.configured("""
                        audit: {path: %s}
                        workloads:
                          - {name: tests, match: {uid: 0}, allow: ["store:**"]}
                        """.formatted(disk.resolve("audit.log")));
                agent.start();
                agent.put("plain");
                Path filler = disk.resolve("filler");
                fill(filler);
                Await.until("the log is full", () -> launch(agent).status() == 123);
                launch(agent).refuses(123, "audit").prints("");
                agent.admin("ready").run().exits(1);
                agent.launch("--wait", "0", "--check").exits(120);
                Files.delete(filler);
                Await.until("it recovers", () -> launch(agent).status() == 0);
                agent.does("audit", "verify");
                agent.stop();
            } finally {
                Command.of("umount", "--lazy", disk.toString()).run();
            }
        }
    }

    private static Finished launch(TestAgent agent) {
        return agent.launch("--wait", "0", "--secret", "V=plain", "--", "echo", "ran");
    }

    private static void mount(Path disk) {
        Finished mounted = Command.of("mount", "-t", "tmpfs", "-o", "size=256k,mode=0700", "tmpfs", disk.toString())
                .run();
        org.junit.jupiter.api.Assumptions.assumeTrue(mounted.status() == 0, "needs the right to mount a tmpfs");
    }

    private static void fill(Path file) {
        Finished full = Command.shell("cat /dev/zero > \"$1\"", file.toString()).run();
        assertEquals(1, full.status(), full::toString);
    }

    @Test
    void refusesToStartWhereTheLogCannotBe() throws IOException {
        try (TestAgent agent = TestAgent.prepared()) {
            Path file = agent.write("file", "");
            agent.configured("audit: {path: %s}\n".formatted(file.resolve("audit.log")));
            Finished run = agent.runCommand().run().exits(1);
            assertTrue((run.output() + run.errors()).contains("audit"), run::toString);
        }
    }
}
