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
    void signsWhatItRecordedAndVerifiesItWithAKeyThatWasKept() throws Exception {
        try (TestAgent agent = TestAgent.started()) {
            agent.put("watched");
            for (int i = 0; i < 300; i++) {
                agent.launch("--secret", "V=watched", "--", "true").succeeds();
            }
            Await.until(
                    "a checkpoint without a stop",
                    () -> agent.does("audit", "query", "--kind", "checkpoint", "--format", "csv")
                                    .lines()
                                    .size()
                            > 1);
            Path key = agent.write("kept.pem", agent.does("audit", "key").output());
            agent.does("audit", "verify", "--public-key", key.toString());
            agent.stop();
            Finished verified = agent.does("audit", "verify", "--public-key", key.toString());
            List<String> lines = Files.readAllLines(agent.audit(), java.nio.charset.StandardCharsets.US_ASCII);
            assertTrue(lines.getLast().contains("\"event\":\"checkpoint\""), "the last record signs all before it");
            assertTrue(
                    verified.output().contains("signed up to sequence " + (lines.size() - 1) + " by the key "),
                    verified::toString);
            Finished json = agent.does("audit", "verify", "--format", "json");
            assertEquals(
                    lines.size() - 1, Json.parse(json.output()).get("signed").asInt());

            Path unsigned = agent.write("unsigned.log", String.join("\n", lines.subList(0, 2)) + "\n");
            Finished missing = agent.admin("audit", "verify", unsigned.toString(), "--public-key", key.toString())
                    .run()
                    .exits(1);
            assertTrue(missing.output().contains("no checkpoint is in the log"), missing::toString);
            try (TestAgent other = TestAgent.started()) {
                Path wrong = agent.write("other.pem", other.does("audit", "key").output());
                Finished refused = agent.admin("audit", "verify", "--public-key", wrong.toString())
                        .run()
                        .exits(1);
                assertTrue(refused.output().contains("which is not one that was given"), refused::toString);
            }
        }
    }

    @Test
    void recordsRevealsAdminCommandsAndOutcomesWithVersions() {
        try (TestAgent agent = TestAgent.started("""
                admin: {reveal: admin}
                workloads: [{name: tests, match: {uid: %d}, allow: ["store:**"]}]
                """.formatted(Machine.uid()))) {
            agent.put("watched");
            agent.put("watched");
            agent.launch("--secret", "V=watched", "--", "true").succeeds();
            agent.adminPrinting("secret", "reveal", "watched").run().succeeds();
            agent.adminPrinting("secret", "reveal", "watched", "9").run().exits(1);
            agent.stop();
            List<String> log;
            try {
                log = Files.readAllLines(agent.audit(), java.nio.charset.StandardCharsets.US_ASCII);
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
            long grant = sequence(log, "\"event\":\"grant\"");
            assertTrue(
                    log.stream()
                            .anyMatch(line -> line.contains("\"event\":\"outcome\",\"grant\":" + grant
                                    + ",\"result\":\"delivered\",\"versions\":[\"store:default/default/watched@2\"]")),
                    "the outcome names the grant and the version");
            long reveal = sequence(log, "\"action\":\"secret reveal\",\"subject\":\"default/default/watched");
            assertTrue(reveal > 0, "a reveal is recorded");
            assertTrue(log.stream().anyMatch(line -> line.contains("\"event\":\"outcome\",\"grant\":" + reveal + ",")));
            assertTrue(sequence(log, "\"action\":\"secret put\"") > 0);
        }
    }

    private static long sequence(List<String> log, String part) {
        return log.stream().filter(line -> line.contains(part)).findFirst().stream()
                .mapToLong(line -> Long.parseLong(line.substring("{\"seq\":".length(), line.indexOf(','))))
                .findFirst()
                .orElse(0);
    }

    @Test
    void listsALaunchThatTheAgentDidNotLiveToConclude() throws Exception {
        try (TestAgent agent = TestAgent.started()) {
            agent.put("watched");
            agent.launch("--secret", "V=watched", "--", "true").succeeds();
            agent.killHard();
            List<String> log = Files.readAllLines(agent.audit(), java.nio.charset.StandardCharsets.US_ASCII);
            int grant = (int) sequence(log, "\"event\":\"grant\"");
            // As if it had been killed between the grant and its outcome.
            Path cut = agent.write("cut.log", String.join("\n", log.subList(0, grant)) + "\n");
            Finished verified = agent.does("audit", "verify", cut.toString());
            assertTrue(
                    verified.output().contains("launch without an outcome: sequence " + grant + " "),
                    verified::toString);
        }
    }

    @Test
    void rotatesWithALinkAndACheckpointAndVerifiesAcrossFiles() {
        try (TestAgent agent = TestAgent.started("audit: {rotate: 4KiB}\n")) {
            agent.put("watched");
            agent.option("--log-level", "debug");
            for (int i = 0; i < 12; i++) {
                agent.launch("--secret", "V=watched", "--", "true").succeeds();
            }
            Await.until("a second file", () -> rotated(agent).findAny().isPresent());
            agent.launch("--secret", "V=watched", "--", "true").succeeds();
            Finished verified = agent.does("audit", "verify");
            assertTrue(verified.output().contains("from sequence 1 to "), verified::toString);
            agent.does("audit", "query", "--kind", "continued");
            Path first = rotated(agent).sorted().findFirst().orElseThrow();
            assertTrue(agent.does("audit", "verify", first.toString()).output().contains("signed up to sequence "));
        }
    }

    private static java.util.stream.Stream<Path> rotated(TestAgent agent) {
        try (var files = Files.list(agent.state())) {
            return files.filter(file -> file.getFileName().toString().startsWith("audit.log.")).toList().stream();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void queriesByEveryCondition() {
        try (TestAgent agent = TestAgent.started("""
                workloads: [{name: tests, match: {uid: %d}, allow: ["store:**"]}]
                """.formatted(Machine.uid()))) {
            agent.put("watched");
            agent.put("other");
            agent.launch("--secret", "V=watched", "--", "true").succeeds();
            agent.launch("--secret", "V=other", "--", "true").succeeds();
            assertEquals(2, query(agent, "--secret", "watched", "--workload", "tests"));
            assertEquals(1, query(agent, "--kind", "grant", "--secret", "other", "--since", "1h"));
            assertEquals(0, query(agent, "--kind", "grant", "--until", "1h"));
            assertEquals(0, query(agent, "--workload", "nobody"));
            String csv = agent.does("audit", "query", "--kind", "grant", "--format", "csv")
                    .output();
            assertTrue(csv.startsWith("sequence,time,kind,uid,rule,secret,result\r\n"), csv);
            agent.admin("audit", "query", "--kind", "nonsense").run().exits(2);
        }
    }

    private static int query(TestAgent agent, String... conditions) {
        List<String> words = new java.util.ArrayList<>(List.of("audit", "query", "--format", "json"));
        words.addAll(List.of(conditions));
        return Json.parse(agent.does(words.toArray(String[]::new)).output()).size();
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
