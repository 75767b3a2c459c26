package dev.latchkey.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Who holds which version, for as long as it lives, and signals to exactly those. */
final class ConsumersTest {
    private static final int FLOW = 54041;

    private final List<Process> consumers = new ArrayList<>();

    @AfterEach
    void endAll() {
        consumers.forEach(Process::destroyForcibly);
    }

    /** A launch that goes on; returns once the agent knows of it. */
    private Process hold(TestAgent agent, String secret) {
        try {
            Process process = agent.launcher("--secret", "V=" + secret, "--", "sleep", "300")
                    .start();
            consumers.add(process);
            Await.until("the launch is a consumer", () -> pids(agent).contains(process.pid()));
            return process;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<Long> pids(TestAgent agent, String... options) {
        List<Long> pids = new ArrayList<>();
        for (JsonNode one : listed(agent, options)) {
            pids.add(one.get("pid").asLong());
        }
        return pids;
    }

    private static JsonNode listed(TestAgent agent, String... options) {
        List<String> words = new ArrayList<>(List.of("consumers", "--format", "json"));
        words.addAll(List.of(options));
        return Json.parse(agent.does(words.toArray(String[]::new)).output());
    }

    private static long counted(TestAgent agent) {
        return Json.parse(agent.does("status", "--format", "json").output())
                .get("consumers")
                .asLong();
    }

    private static int descriptors(TestAgent agent) {
        return Objects.requireNonNull(new File("/proc/" + agent.pid() + "/fd").list()).length;
    }

    private static boolean ends(Process process) {
        try {
            return process.waitFor(30, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void listsAProcessWithItsVersionUntilItEnds() {
        try (TestAgent agent = TestAgent.started()) {
            agent.put("db");
            assertEquals(0, listed(agent, "db").size());
            Process process = hold(agent, "db");

            JsonNode one = listed(agent, "db").get(0);
            assertEquals(process.pid(), one.get("pid").asLong());
            assertEquals(Machine.uid(), one.get("uid").asInt());
            assertEquals("store:default/default/db", one.get("location").asString());
            assertEquals("1", one.get("version").asString());
            assertEquals("1", one.get("current").asString());
            assertFalse(one.get("older").asBoolean());
            String table = agent.does("consumers").output();
            assertEquals(2, table.lines().count(), table);
            List<String> lines = table.lines().toList();
            for (String column : List.of("PID", "VERSION", "OLDER")) {
                int at = lines.get(0).indexOf(column);
                assertTrue(
                        at > 0 && lines.get(1).charAt(at) != ' ' && lines.get(1).charAt(at - 1) == ' ', table);
            }
            assertEquals(1, counted(agent));

            process.destroyForcibly();
            Await.until("it is gone", () -> counted(agent) == 0);
            assertEquals(0, listed(agent).size());
        }
    }

    @Test
    void terminatesExactlyThoseThatHoldAnOlderVersion() {
        try (TestAgent agent = TestAgent.started()) {
            agent.put("db");
            agent.put("other");
            Process old = hold(agent, "db");
            Process unconcerned = hold(agent, "other");
            assertEquals(List.of(), pids(agent, "db", "--older"));

            agent.put("db");
            Process current = hold(agent, "db");
            assertEquals(List.of(old.pid()), pids(agent, "db", "--older"));
            assertEquals(List.of(old.pid()), pids(agent, "--older"));

            Finished done = agent.does("consumers", "db", "--older", "--terminate");
            assertTrue(done.output().contains(" sent"), done::toString);
            assertTrue(ends(old));
            assertEquals(128 + 15, old.exitValue());
            Await.until(
                    "nobody holds the old version",
                    () -> pids(agent, "db", "--older").isEmpty());
            assertTrue(current.isAlive() && unconcerned.isAlive());
            assertTrue(agent.does("audit", "query", "--secret", "db", "--format", "json")
                    .output()
                    .contains("store:default/default/db@1 (TERM: 1 sent)"));
        }
    }

    @Test
    void oneBindingOfAFieldAndOneOfAnOldVersionAreToldApart() throws IOException {
        try (TestAgent agent = TestAgent.started()) {
            agent.put("db");
            agent.put("db");
            Process process = agent.launcher("--secret", "OLD=db@1", "--secret", "NEW=db", "--", "sleep", "300")
                    .start();
            consumers.add(process);
            Await.until("the launch is a consumer", () -> pids(agent).contains(process.pid()));
            assertEquals(2, listed(agent, "db").size());
            JsonNode older = listed(agent, "db", "--older");
            assertEquals(1, older.size());
            assertEquals("1", older.get(0).get("version").asString());
        }
    }

    @Test
    void aSignalReachesTheProgramThatTheLauncherBecame() {
        try (TestAgent agent = TestAgent.started()) {
            agent.put("db");
            CompletableFuture<Finished> told = agent.launcher(
                            "--secret",
                            "V=db",
                            "--",
                            "sh",
                            "-c",
                            "trap 'echo told; exit 7' USR1; while :; do sleep 0.05; done")
                    .later();
            Await.until("the launch is a consumer", () -> counted(agent) == 1);
            Await.until("it listens and is told", () -> {
                agent.does("consumers", "db", "--signal", "WINCH");
                return catches(pids(agent).getFirst(), 10);
            });
            agent.does("consumers", "db", "--signal", "SIGUSR1");
            told.join().exits(7).prints("told\n");
        }
    }

    /** Whether a process has a handler for a signal. */
    private static boolean catches(long pid, int signal) {
        try {
            String caught = Files.readString(Path.of("/proc/" + pid + "/status"))
                    .lines()
                    .filter(line -> line.startsWith("SigCgt:"))
                    .findFirst()
                    .orElseThrow();
            long mask =
                    Long.parseUnsignedLong(caught.substring("SigCgt:".length()).strip(), 16);
            return (mask >> (signal - 1) & 1) == 1;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void aCrowdOfShortLaunchesLeavesNothing() {
        try (TestAgent agent = TestAgent.started()) {
            agent.put("db");
            agent.launch("--secret", "V=db", "--", "true").succeeds();
            Await.until("the first is gone", () -> counted(agent) == 0);
            int before = descriptors(agent);
            Command.shell(
                            "i=0; while [ $i -lt 200 ]; do \"$@\" || exit 1; i=$((i+1)); done",
                            Machine.LAUNCHER,
                            "--secret",
                            "V=db",
                            "--",
                            "true")
                    .env("LATCHKEY_SOCKET", agent.socket().toString())
                    .run()
                    .succeeds();
            Await.until("all are gone", () -> counted(agent) == 0);
            Await.until("descriptors are as before", () -> descriptors(agent) <= before);
            assertFalse(agent.does("status").output().contains("untracked"));
        }
    }

    @Test
    void whatHasNoRoomIsServedAndCounted() {
        try (TestAgent agent =
                TestAgent.prepared().startedBy("prlimit", "--nofile=90").start()) {
            agent.put("db");
            for (int i = 0; i < 40; i++) {
                Process process = start(agent);
                consumers.add(process);
            }
            Await.until(
                    "some are counted as untracked",
                    () -> agent.does("status").output().contains("untracked"));
            String status = agent.does("status").output();
            assertTrue(status.contains("LimitNOFILE="), status);
            agent.launch("--secret", "V=db", "--", "true").succeeds();
            assertTrue(consumers.stream().allMatch(Process::isAlive));
        }
    }

    private static Process start(TestAgent agent) {
        try {
            return agent.launcher("--secret", "V=db", "--", "sleep", "300").start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void consumersGoOnWhenTheAgentStopsAndAreUnknownToTheNext() {
        try (TestAgent agent = TestAgent.started()) {
            agent.put("db");
            Process process = hold(agent, "db");
            assertEquals(0, agent.stop());
            assertTrue(process.isAlive());
            agent.start();
            assertEquals(0, counted(agent));
        }
    }

    @Test
    void aProcessOfAnotherUserIsNamedIfItMayNotBeSignalled() throws IOException {
        Machine.needsRoot();
        Machine.needs("setpriv");
        try (TestAgent agent = TestAgent.prepared()) {
            agent.openedToOthers()
                    .configured("""
                            sockets: [{name: main, path: %s, mode: "0666"}]
                            workloads:
                              - {name: flow, match: {uid: %d}, allow: ["store:**"]}
                            """.formatted(agent.socket(), FLOW))
                    .startedBy("setpriv", "--bounding-set=-kill", "--inh-caps=-kill")
                    .start();
            agent.put("db");
            String[] words = Machine.as(
                    FLOW,
                    FLOW,
                    "",
                    agent.launcherForOthers(),
                    "--agent-user",
                    "0",
                    "--secret",
                    "V=db",
                    "--",
                    "sleep",
                    "300");
            Process process = Command.of(words)
                    .env("LATCHKEY_SOCKET", agent.socket().toString())
                    .start();
            consumers.add(process);
            Await.until("the launch is a consumer", () -> counted(agent) == 1);
            long pid = pids(agent).getFirst();
            agent.admin("consumers", "db", "--terminate")
                    .run()
                    .exits(1)
                    .says(
                            "not signalled: process " + pid + " of workload flow, uid " + FLOW + ": not-permitted",
                            "CAP_KILL");
            assertTrue(process.isAlive());
        }
    }

    @Test
    void aProcessOfAPidNamespaceThatCannotBeSeenIsAConsumerWithoutAPid() throws IOException {
        Machine.needsRoot();
        Machine.needs("unshare");
        try (TestAgent agent = TestAgent.prepared()) {
            agent.configured("""
                            sockets: [{name: main, path: %s, pid: any}]
                            workloads:
                              - {name: side, match: {listener: main, uid: %d}, allow: ["store:**"]}
                            """.formatted(agent.socket(), Machine.uid()))
                    .startedBy("unshare", "--pid", "--fork", "--mount-proc", "--kill-child")
                    .start();
            agent.put("db");
            Process process = start(agent);
            consumers.add(process);
            Await.until("the launch is a consumer", () -> counted(agent) == 1);
            assertTrue(listed(agent, "db").get(0).get("pid").isNull());
            agent.admin("consumers", "db", "--terminate").run().exits(1).says("another PID namespace", "out-of-reach");
            assertTrue(process.isAlive());
            process.destroyForcibly();
            Await.until("its end is noticed", () -> counted(agent) == 0);
        }
    }

    @Test
    void refusesWhatItDoesNotKnow() {
        try (TestAgent agent = TestAgent.started()) {
            agent.put("db");
            agent.admin("consumers", "nothing").run().exits(1).hints();
            agent.admin("consumers", "--project", "nowhere").run().exits(1).hints();
            agent.admin("consumers", "db", "--signal", "SIGTERN")
                    .run()
                    .exits(2)
                    .prints("")
                    .says("did you mean TERM?");
            agent.admin("consumers", "--terminate").run().exits(2).prints("").hints();
            agent.admin("consumers", "db", "--signal", "HUP", "--terminate")
                    .run()
                    .exits(2)
                    .hints();
        }
    }

    @Test
    void ofAnOutsideSystemTheCacheSaysWhatIsCurrent() throws IOException {
        try (TestAgent agent = TestAgent.prepared()) {
            String token = "consumers-token";
            try (TestVault vault = TestVault.started(token)) {
                vault.write("web", "{\"value\":\"one\"}");
                agent.configured("providers:\n  store: {type: store}\n"
                                + vault.yaml(token, "").indent(2)
                                + "cache: {ttl: 1h}\n")
                        .start();
                Process process = hold(agent, "vault:web");
                assertEquals(List.of(), pids(agent, "vault:web", "--older"));
                vault.write("web", "{\"value\":\"two\"}");
                agent.does("refresh", "vault:web");

                JsonNode one = listed(agent, "vault:web").get(0);
                assertEquals("vault:web", one.get("location").asString());
                assertEquals("1", one.get("version").asString());
                assertEquals("2", one.get("current").asString());
                agent.does("consumers", "vault:web", "--older", "--terminate");
                assertTrue(ends(process));
            }
        }
    }

    @Test
    void ofAFileNobodyKnowsWhatIsCurrent() throws IOException {
        try (TestAgent agent = TestAgent.prepared()) {
            agent.configured("providers:\n  store: {type: store}\n  files: {type: file, root: %s}\n"
                            .formatted(agent.folder()))
                    .start();
            agent.write("token", "plain");
            Files.setPosixFilePermissions(
                    agent.folder().resolve("token"), PosixFilePermissions.fromString("rw-------"));
            hold(agent, "files:token");
            assertTrue(listed(agent, "files:token").get(0).get("current").isNull());
            assertEquals(List.of(), pids(agent, "--older"));
        }
    }

    @Test
    void aDeletedSecretIsStillHeld() {
        try (TestAgent agent = TestAgent.started()) {
            agent.put("db");
            Process process = hold(agent, "db");
            agent.does("secret", "delete", "db");
            JsonNode one = listed(agent, "db").get(0);
            assertTrue(one.get("current").isNull());
            assertEquals(List.of(), pids(agent, "--older"));
            agent.does("consumers", "db", "--terminate");
            assertTrue(ends(process));
        }
    }
}
