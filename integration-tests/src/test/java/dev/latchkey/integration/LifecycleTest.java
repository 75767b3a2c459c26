package dev.latchkey.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Starting, stopping, dying, coming back, and meeting another agent. */
final class LifecycleTest {
    private static final Duration QUICKLY = Duration.ofSeconds(8);

    // ---- stopping ----

    @Test
    void endsWithZeroAfterSigterm() {
        try (TestAgent agent = TestAgent.started()) {
            agent.put("plain");
            assertEquals(0, agent.stop());
            assertFalse(Files.exists(agent.socket()));
        }
    }

    @Test
    void endsWithZeroAfterSigint() {
        try (TestAgent agent = TestAgent.started()) {
            agent.signal("INT");
            assertEquals(0, agent.awaitEnd());
        }
    }

    /** A JVM of its own accord would end at half of them. */
    @Test
    void servesOnAfterSignalsThatMeanNothingToIt() {
        try (TestAgent agent = TestAgent.started()) {
            Canary canary = agent.put("plain");
            for (String signal :
                    List.of("USR1", "USR2", "PIPE", "ALRM", "VTALRM", "PROF", "IO", "CONT", "URG", "WINCH")) {
                agent.signal(signal);
                agent.assertDelivers("V", canary, "--secret", "V=plain");
            }
            assertTrue(agent.log().contains("event=signal-ignored"), agent::log);
            assertTrue(agent.log().contains("signal 10 means nothing to the agent"), agent::log);
            assertEquals(0, agent.stop());
        }
    }

    /** The JVM prints its threads, for whoever looks into a fault; the canary scan looks for values in that too. */
    @Test
    void theDumpOfItsThreadsHasNoValue() {
        try (TestAgent agent = TestAgent.started()) {
            Canary canary = agent.put("plain");
            agent.assertDelivers("V", canary, "--secret", "V=plain");
            agent.signal("QUIT");
            Await.until("the threads are listed", () -> agent.log().contains("Full thread dump"));
            agent.assertDelivers("V", canary, "--secret", "V=plain");
        }
    }

    @Test
    void saysWhatWasOpenToOthersInItsState() throws IOException {
        try (TestAgent agent = TestAgent.started()) {
            agent.put("plain");
            agent.stop();
            Path database = agent.state().resolve("store.db");
            Files.setPosixFilePermissions(agent.state(), PosixFilePermissions.fromString("rwxr-xr-x"));
            Files.setPosixFilePermissions(database, PosixFilePermissions.fromString("rw-r--r--"));
            agent.start();
            assertTrue(agent.log().contains("event=state-tightened file=" + agent.state() + " "), agent::log);
            assertTrue(agent.log().contains("mode 0755"), agent::log);
            assertTrue(agent.log().contains("event=state-tightened file=" + database + " "), agent::log);
            assertTrue(agent.log().contains("mode 0644"), agent::log);
        }
    }

    @Test
    void servesAgainWhatItStoredAfterARestart() {
        try (TestAgent agent = TestAgent.started()) {
            Canary canary = agent.put("lasting");
            agent.stop();
            agent.start();
            agent.assertDelivers("V", canary, "--secret", "V=lasting");
        }
    }

    // ---- not there ----

    @Test
    void launchesWaitForAnAgentThatComesLater() throws Exception {
        try (TestAgent agent = TestAgent.started()) {
            agent.put("plain");
            agent.stop();
            CompletableFuture<Finished> launch = agent.launcher(
                            "--wait", "40s", "--secret", "V=plain", "--", "echo", "ran")
                    .later();
            agent.start();
            launch.get().succeeds().prints("ran\n");
        }
    }

    @Test
    void launchesRetryWhileTheAgentIsKilledAndRestarted() throws Exception {
        try (TestAgent agent = TestAgent.started()) {
            agent.put("plain");
            List<CompletableFuture<Finished>> launches = Stream.generate(
                            () -> agent.launcher("--wait", "40s", "--secret", "V=plain", "--", "true")
                                    .later())
                    .limit(8)
                    .toList();
            agent.killHard();
            agent.start();
            for (CompletableFuture<Finished> launch : launches) {
                launch.get().succeeds();
            }
        }
    }

    @Test
    void replacesTheSocketThatAKilledAgentLeft() {
        try (TestAgent agent = TestAgent.started()) {
            agent.killHard();
            assertTrue(Files.exists(agent.socket()));
            agent.start();
            agent.launch("--check").succeeds();
        }
    }

    @Test
    void aStoppedProcessFailsLaunchesWithinTheirTimeout() {
        try (TestAgent agent = TestAgent.started()) {
            agent.put("plain");
            agent.signal("STOP");
            Finished finished =
                    agent.launch("--wait", "1s", "--timeout", "1s", "--secret", "V=plain", "--", "echo", "ran");
            agent.signal("CONT");
            assertTrue(List.of(120, 123).contains(finished.status()), finished::toString);
            finished.prints("").tookUnder(QUICKLY);
        }
    }

    @Test
    void refusesAtOnceWhereTheSocketMayNotBeUsed() throws Exception {
        Machine.needsRoot();
        try (TestAgent agent = TestAgent.started().openedToOthers()) {
            agent.put("plain");
            agent.launchAs(Machine.STRANGER, Machine.STRANGER, "", "--secret", "V=plain", "--", "true")
                    .refuses(120, agent.socket().toString())
                    .tookUnder(Duration.ofSeconds(3));
        }
    }

    @Test
    void sendsNothingToAServerOfAnotherUser() throws Exception {
        Machine.needsRoot();
        try (TestAgent agent = TestAgent.prepared().openedToOthers()) {
            // Listens as a stranger and writes down what it is sent.
            Path folder = Files.createDirectory(agent.folder().resolve("false"));
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
            String server = """
                    import socket, sys
                    s = socket.socket(socket.AF_UNIX); s.bind(sys.argv[1]); s.listen()
                    import os; os.chmod(sys.argv[1], 0o777); print('up', flush=True)
                    c = s.accept()[0]; c.settimeout(5); print(c.recv(100), flush=True)
                    """;
            Path socket = folder.resolve("agent.sock");
            Process process = Command.of(Machine.as(
                            Machine.STRANGER, Machine.STRANGER, "", Machine.python(), "-c", server, socket.toString()))
                    .start();
            assertEquals("up", process.inputReader().readLine());
            agent.launch("--socket", socket.toString(), "--secret", "V=plain", "--", "true")
                    .refuses(125, Integer.toString(Machine.STRANGER));
            assertEquals("b''", process.inputReader().readLine());
            process.waitFor();
        }
    }

    @Test
    void sendsToAServerOfTheUserThatIsNamed() throws Exception {
        Machine.needsRoot();
        try (TestAgent agent = TestAgent.prepared().openedToOthers()) {
            Path folder = Files.createDirectory(agent.folder().resolve("named"));
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
            String server = """
                    import socket, sys
                    s = socket.socket(socket.AF_UNIX); s.bind(sys.argv[1]); s.listen()
                    print('up', flush=True); c = s.accept()[0]; c.settimeout(5); print(c.recv(4), flush=True)
                    """;
            Path socket = folder.resolve("agent.sock");
            Process process = Command.of(Machine.as(
                            Machine.STRANGER, Machine.STRANGER, "", Machine.python(), "-c", server, socket.toString()))
                    .start();
            assertEquals("up", process.inputReader().readLine());
            agent.launch(
                    "--socket",
                    socket.toString(),
                    "--agent-user",
                    "" + Machine.STRANGER,
                    "--wait",
                    "1s",
                    "--timeout",
                    "1s",
                    "--secret",
                    "V=plain",
                    "--",
                    "true");
            assertEquals("b'LKEY'", process.inputReader().readLine());
            process.waitFor();
        }
    }

    // ---- two agents ----

    @Test
    void aSecondAgentOnTheStateExitsNamingTheFirst() {
        try (TestAgent agent = TestAgent.started()) {
            Canary canary = agent.put("plain");
            Finished second = agent.runCommand(
                            "--socket", agent.folder().resolve("second.sock").toString())
                    .run()
                    .exits(1);
            assertTrue((second.output() + second.errors()).contains(Long.toString(agent.pid())), second::toString);
            agent.assertDelivers("V", canary, "--secret", "V=plain");
        }
    }

    @Test
    void aSecondAgentOnTheSocketExitsAndLeavesItAlone() {
        try (TestAgent agent = TestAgent.started()) {
            Canary canary = agent.put("plain");
            Finished second = agent.runCommand(
                            "--state", agent.folder().resolve("second").toString())
                    .run()
                    .exits(1);
            assertTrue((second.output() + second.errors()).contains("agent.sock"), second::toString);
            agent.assertDelivers("V", canary, "--secret", "V=plain");
        }
    }

    @Test
    void neverDeletesWhatIsNoSocket() throws Exception {
        try (TestAgent agent = TestAgent.prepared()) {
            Files.writeString(agent.socket(), "somebody's file");
            agent.runCommand().run().exits(1);
            assertEquals("somebody's file", Files.readString(agent.socket()));
        }
    }

    @Test
    void leavesAForeignServersSocketAlone() throws Exception {
        try (TestAgent agent = TestAgent.prepared();
                ServerSocketChannel other = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            other.bind(UnixDomainSocketAddress.of(agent.socket()));
            agent.runCommand().run().exits(1);
            assertTrue(Files.exists(agent.socket()));
        }
    }

    // ---- around a command ----

    @Test
    void runsACommandWithItsSocketAndReturnsItsStatus() {
        try (TestAgent agent = TestAgent.prepared()) {
            Finished finished = agent.runCommand("--", "sh", "-c", "echo \"$LATCHKEY_SOCKET\"; exit 42")
                    .run();
            finished.exits(42);
            assertTrue(finished.output().contains(agent.socket().toString()), finished::toString);
            assertFalse(Files.exists(agent.socket()));
        }
    }

    @Test
    void servesTheCommandItRuns() {
        try (TestAgent agent = TestAgent.prepared()) {
            agent.runCommand("--", "sh", "-c", "\"$0\" --check", Machine.LAUNCHER)
                    .run()
                    .succeeds();
        }
    }

    @Test
    void theCommandItRunsReachesItWithAdminCommandsToo() {
        try (TestAgent agent = TestAgent.prepared()) {
            agent.runCommand(
                            "--",
                            "sh",
                            "-c",
                            "printf v | \"$1\" secret put mine && \"$0\" --secret A=mine -- true",
                            Machine.LAUNCHER,
                            Machine.AGENT)
                    .run()
                    .succeeds();
        }
    }

    @Test
    void leavesTheCommandsEnvironmentAsItWas() {
        try (TestAgent agent = TestAgent.prepared()) {
            Finished finished = agent.runCommand("--", "sh", "-c", "umask; echo \"${MALLOC_ARENA_MAX-unset}\"")
                    .run();
            String bare = Command.shell("umask").run().output();
            assertTrue(finished.succeeds().output().endsWith(bare + "unset\n"), finished::toString);
        }
    }

    // ---- what it tells its supervisor ----

    private static final String NOTIFIED = """
            import socket, sys
            s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); s.bind(sys.argv[1]); print('up', flush=True)
            while True: print(s.recv(4096).decode().replace('\\n', ' '), flush=True)
            """;

    @Test
    void notifiesItsSupervisorWhenReadyAndWhenStopping() throws Exception {
        try (TestAgent agent = TestAgent.prepared()) {
            Path socket = agent.folder().resolve("notify.sock");
            Process process = Command.python(NOTIFIED, socket.toString()).start();
            try (var lines = process.inputReader()) {
                assertEquals("up", lines.readLine());
                agent.env("NOTIFY_SOCKET", socket.toString()).start();
                assertTrue(untilLineWith(lines, "READY=1"));
                agent.signal("HUP");
                assertTrue(untilLineWith(lines, "RELOADING=1 MONOTONIC_USEC="));
                assertTrue(untilLineWith(lines, "READY=1 STATUS=serving on " + agent.socket()));
                agent.stop();
                assertTrue(untilLineWith(lines, "STOPPING=1"));
            } finally {
                process.destroyForcibly();
            }
        }
    }

    private static boolean untilLineWith(java.io.BufferedReader lines, String wanted) throws IOException {
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            if (line.contains(wanted)) {
                return true;
            }
        }
        return false;
    }

    @Test
    void tellsItsSupervisorThatAReloadIsInForceOnlyWhenItIs() throws Exception {
        try (TestAgent agent = TestAgent.prepared()) {
            Path socket = agent.folder().resolve("notify.sock");
            Process process = Command.python(NOTIFIED, socket.toString()).start();
            try (var lines = process.inputReader()) {
                assertEquals("up", lines.readLine());
                agent.configured("").env("NOTIFY_SOCKET", socket.toString()).start();
                agent.put("plain");
                assertTrue(untilLineWith(lines, "READY=1"));
                agent.configured(
                        "workloads: [{name: all, match: {uid: %d}, allow: [\"store:**\"]}]\n".formatted(Machine.uid()));
                agent.signal("HUP");
                String reloading = lines.readLine();
                assertTrue(reloading.matches("RELOADING=1 MONOTONIC_USEC=[0-9]+"), reloading);
                assertEquals("READY=1 STATUS=serving on " + agent.socket(), lines.readLine());
                // No waiting here: the change is in force.
                agent.does("explain", "--uid", Integer.toString(Machine.uid()), "store:default/default/plain");
                assertTrue(agent.does("audit", "query", "--kind", "policy-changed")
                                .lines()
                                .size()
                        > 1);
                agent.configured("workloads: nonsense\n");
                agent.signal("HUP");
                assertTrue(untilLineWith(lines, "RELOADING=1"));
                assertEquals(
                        "READY=1 STATUS=serving on " + agent.socket()
                                + "; the changed configuration was refused, see the log",
                        lines.readLine());
            } finally {
                process.destroyForcibly();
            }
        }
    }

    @Test
    void servesAtOnceWhoeverComesWhenItSaysThatItIsReady() {
        try (TestAgent agent = TestAgent.started()) {
            agent.put("plain");
            for (int i = 0; i < 3; i++) {
                agent.stop();
                agent.begin();
                // Its sockets are there before: who comes then and waits is served too.
                Await.until("there is a socket", () -> Files.exists(agent.socket()));
                agent.launch("--secret", "V=plain", "--", "true").succeeds();
                agent.stop();
                agent.begin();
                Await.until("ready", () -> agent.admin("ready").run().status() == 0);
                agent.launch("--wait", "0", "--secret", "V=plain", "--", "true").succeeds();
            }
        }
    }

    @Test
    void tellsInItsStatusWhetherMemoryIsLocked() {
        Machine.needs("prlimit");
        try (TestAgent agent = TestAgent.started()) {
            assertTrue(agent.does("status").output().contains("locked-memory"));
        }
        Machine.needsRoot();
        Machine.needs("setpriv");
        // Root could lock all the same.
        try (TestAgent agent = TestAgent.prepared()
                .startedBy("prlimit", "--memlock=0", "setpriv", "--bounding-set=-ipc_lock")
                .start()) {
            String status = agent.does("status", "--format", "json").output();
            assertTrue(status.contains("memory for values cannot be locked"), status);
            assertTrue(status.contains("LimitMEMLOCK"), status);
        }
    }

    @Test
    void refusesToStartOverAStoreThatWasEmptied() throws Exception {
        try (TestAgent agent = TestAgent.started()) {
            agent.put("plain");
            agent.stop();
            Files.write(agent.state().resolve("store.db"), new byte[0]);
            Finished run = agent.runCommand().run().exits(1);
            assertTrue(
                    run.errors().contains("store.db is empty, and audit.key beside it tells that it was not"),
                    run::toString);
            assertEquals(0, Files.size(agent.state().resolve("store.db")));
        }
    }

    @Test
    void refusesAConfigurationOfAnotherUser() throws Exception {
        Machine.needsRoot();
        try (TestAgent agent = TestAgent.prepared().configured("")) {
            Files.setAttribute(agent.configuration(), "unix:uid", Machine.STRANGER);
            Finished run = agent.runCommand().run().exits(1);
            assertTrue(run.errors().contains("belongs to uid " + Machine.STRANGER), run::toString);
            agent.does("config", "check", agent.configuration().toString());
        }
    }

    @Test
    void answersProbesOnItsHealthAddress() throws Exception {
        int port = freePort();
        try (TestAgent agent = TestAgent.started("health: {http: \"127.0.0.1:%d\"}\n".formatted(port));
                HttpClient client = HttpClient.newHttpClient()) {
            assertEquals(200, get(client, port, "/ready").statusCode());
            assertEquals(200, get(client, port, "/live").statusCode());
            assertEquals(404, get(client, port, "/v1/secrets").statusCode());
            assertEquals(404, get(client, port, "/").statusCode());
            agent.launch("--check").succeeds();
        }
    }

    private static HttpResponse<String> get(HttpClient client, int port, String path) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(java.net.URI.create("http://127.0.0.1:" + port + path))
                .timeout(Duration.ofSeconds(10))
                .build();
        return client.send(request, HttpResponse.BodyHandlers.ofString());
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    // ---- what it leaves on disk ----

    @Test
    void keepsEveryFilePrivateUnderAnOpenUmask() throws Exception {
        try (TestAgent agent = TestAgent.prepared()) {
            Path state = agent.state();
            Finished finished = Command.shell("umask 000; exec \"$@\"", Machine.AGENT, "run", "--", "true")
                    .env("LATCHKEY_STATE", state.toString())
                    .env("LATCHKEY_SOCKET", agent.socket().toString())
                    .env("XDG_CONFIG_HOME", agent.folder().toString())
                    .run()
                    .succeeds();
            assertEquals(0, finished.status());
            Command.of("find", state.toString(), "-perm", "/077")
                    .run()
                    .succeeds()
                    .prints("");
            assertTrue(Files.exists(state));
        }
    }

    @Test
    void leavesNothingInTemporaryFolders() throws Exception {
        try (TestAgent agent = TestAgent.prepared()) {
            Path temporary = Files.createDirectory(agent.folder().resolve("tmp"));
            agent.env("TMPDIR", temporary.toString()).start();
            agent.put("plain");
            agent.launch("--secret", "V=plain", "--", "true").succeeds();
            agent.stop();
            try (Stream<Path> left = Files.list(temporary)) {
                assertEquals(List.of(), left.toList());
            }
        }
    }

    @Test
    void refusesToBeLookedInto() throws Exception {
        Machine.needsUnprivilegedUser();
        try (TestAgent agent = TestAgent.started()) {
            assertFalse(Files.isReadable(Path.of("/proc/" + agent.pid() + "/environ")));
            assertFalse(Files.isReadable(Path.of("/proc/" + agent.pid() + "/mem")));
        }
    }
}
