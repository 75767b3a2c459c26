package dev.latchkey.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What another user, and another process of the agent's own user, learn of an agent by looking into its process and its files. */
final class StrangersTest {
    private static final int OWNER = 54031;

    @BeforeEach
    void rootOnly() {
        Machine.needsRoot();
        Machine.needs("setpriv");
    }

    // ---- another user ----

    /** Tries to read each path, and prints those it could. */
    private static final String OPENER = """
            import os, sys
            for path in sys.argv[1:]:
                try:
                    os.listdir(path) if path.endswith('/fd') else open(path, 'rb').read(1)
                    print(path)
                except OSError:
                    pass
            """;

    @Test
    void anotherUserOpensNothingOfTheAgent() throws Exception {
        try (TestAgent agent = TestAgent.started().openedToOthers()) {
            agent.put("plain");
            agent.launch("--secret", "V=plain", "--", "true").succeeds();
            // Even if somebody opened the folder by hand: each file is closed by itself.
            Files.setPosixFilePermissions(agent.state(), PosixFilePermissions.fromString("rwxr-xr-x"));
            List<String> paths = new ArrayList<>();
            for (String name : new String[] {"environ", "mem", "maps", "smaps", "fd", "auxv", "syscall", "stack"}) {
                paths.add("/proc/" + agent.pid() + "/" + name);
            }
            List<String> files = files(agent.state());
            assertTrue(files.stream().anyMatch(file -> file.endsWith("-wal")), files::toString);
            paths.addAll(files);
            assertEquals("", openedBy(Machine.STRANGER, paths));
            // The search itself works: this one is for everybody.
            String status = "/proc/" + agent.pid() + "/status";
            assertEquals(status + "\n", openedBy(Machine.STRANGER, List.of(status)));
        }
    }

    private static String openedBy(int uid, List<String> paths) {
        List<String> words = new ArrayList<>(List.of(Machine.python(), "-c", OPENER));
        words.addAll(paths);
        return Command.of(Machine.as(uid, uid, "", words.toArray(String[]::new)))
                .run()
                .succeeds()
                .output();
    }

    private static List<String> files(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(Files::isRegularFile).map(Path::toString).toList();
        }
    }

    @Test
    void anotherUserIsDeniedWhereTheSocketIsOpenAndThatIsRecorded() {
        try (TestAgent agent = TestAgent.prepared().openedToOthers()) {
            agent.configured("""
                    sockets: [{name: main, path: %s, mode: "0666"}]
                    workloads: [{name: tests, match: {uid: 0}, allow: ["store:**"]}]
                    """.formatted(agent.socket())).start();
            agent.put("plain");
            agent.launchAs(Machine.STRANGER, Machine.STRANGER, "", "--secret", "V=plain", "--", "true")
                    .refuses(121, "V=plain");
            Finished query = agent.does("audit", "query", "--kind", "refusal", "--format", "json");
            assertTrue(query.output().contains(Integer.toString(Machine.STRANGER)), query::toString);
        }
    }

    /** Its socket is there and serves, which is not the same as that no agent runs. */
    @Test
    void anotherUserIsToldThatItMayNotConnectToTheAdminSocket() throws IOException {
        try (TestAgent agent = TestAgent.prepared().openedToOthers().start()) {
            Path home = readableHome(agent);
            Path socket = agent.state().resolve("admin.sock");
            agent.does("secret", "list", "--admin-socket", socket.toString());
            assertMayNotConnect(home, socket);
            // Nor where the folder does not keep it away.
            Files.setPosixFilePermissions(agent.state(), PosixFilePermissions.fromString("rwx--x--x"));
            assertMayNotConnect(home, socket);
        }
    }

    private static void assertMayNotConnect(Path home, Path socket) {
        String[] words = {home.resolve("bin/agent").toString(), "secret", "list", "--admin-socket", socket.toString()};
        Command.of(Machine.as(Machine.STRANGER, Machine.STRANGER, "", words))
                .in(Path.of("/tmp"))
                .run()
                .exits(1)
                .says("no permission to connect to the admin socket " + socket)
                .says("only users of admin.roles, the agent's own and root may")
                .saysNot("no agent serves");
    }

    @Test
    void everyFileOfAServingAgentIsPrivateUnderAnOpenUmask() {
        try (TestAgent agent = TestAgent.prepared()
                .startedBy("sh", "-c", "umask 000; exec \"$@\"", "sh")
                .start()) {
            agent.put("plain");
            agent.launch("--secret", "V=plain", "--", "true").succeeds();
            agent.does("key", "rotate");
            assertNothingOpen(agent);
            agent.killHard();
            assertNothingOpen(agent);
            agent.start();
            assertNothingOpen(agent);
        }
    }

    private static void assertNothingOpen(TestAgent agent) {
        Command.of("find", agent.state().toString(), "-perm", "/077")
                .run()
                .succeeds()
                .prints("");
    }

    // ---- the same user ----

    /** A copy of the distribution that any user can read, wherever this repository lies. */
    private static Path readableHome(TestAgent agent) {
        Path home = agent.folder().resolve("home");
        Command.of("cp", "-r", Machine.HOME.toString(), home.toString()).run().succeeds();
        Command.of("chmod", "-R", "a+rX", home.toString()).run().succeeds();
        return home;
    }

    /** Runs as a user of its own, from a copy of the distribution that this user can read. */
    private static TestAgent ownedAgent() throws IOException {
        TestAgent agent = TestAgent.prepared();
        Path home = readableHome(agent);
        Command.of("chown", OWNER + ":" + OWNER, agent.folder().toString())
                .run()
                .succeeds();
        Files.createFile(agent.logFile());
        return agent.installedIn(home)
                .startedBy(Machine.as(OWNER, OWNER, ""))
                .env("HOME", agent.folder().toString());
    }

    private static void awaitReady(TestAgent agent) {
        agent.launch("--agent-user", Integer.toString(OWNER), "--wait", "30s", "--check")
                .succeeds();
    }

    private static Finished asOwner(String... words) {
        return Command.of(Machine.as(OWNER, OWNER, "", words))
                .in(Path.of("/tmp"))
                .within(Duration.ofMinutes(2))
                .run();
    }

    @Test
    void anotherProcessOfItsUserCannotLookIntoIt() throws Exception {
        try (TestAgent agent = ownedAgent()) {
            agent.begin();
            awaitReady(agent);
            String pid = Long.toString(agent.pid());
            List<String> paths = Stream.of("environ", "mem", "maps", "fd")
                    .map(name -> "/proc/" + pid + "/" + name)
                    .toList();
            assertEquals("", openedBy(OWNER, paths));
            assertNotEquals(
                    0, asOwner("gcore", "-o", "/tmp/latchkey-never", pid).status());
            assertFalse(Files.exists(Path.of("/tmp/latchkey-never." + pid)));
            assertTrue(asOwner("strace", "-p", pid).errors().contains("Operation not permitted"));
            String jcmd =
                    Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
            // It waits for ten seconds to be let in.
            Finished dump = asOwner(jcmd, pid, "GC.heap_dump", "/tmp/latchkey-never.hprof");
            assertNotEquals(0, dump.status(), dump::toString);
            assertFalse(Files.exists(Path.of("/tmp/latchkey-never.hprof")));
            // A thread dump goes where the agent's own output goes, and the search at the end reads that.
            agent.signal("QUIT");
            awaitReady(agent);
        }
    }

    @Test
    void variablesSwitchNothingOfTheJvmOn() throws Exception {
        String options = "-XX:+HeapDumpOnOutOfMemoryError -XX:-DisableAttachMechanism -XX:+PrintFlagsFinal";
        try (TestAgent agent = ownedAgent()
                .env("JAVA_TOOL_OPTIONS", options)
                .env("JDK_JAVA_OPTIONS", options)
                .env("_JAVA_OPTIONS", options)) {
            agent.begin();
            awaitReady(agent);
            assertFalse(agent.log().contains("HeapDumpOnOutOfMemoryError"), agent::log);
            assertFalse(agent.log().contains("Picked up"), agent::log);
        }
    }

    @Test
    void aCommandThatItRunsGetsThemBack() {
        try (TestAgent agent = TestAgent.prepared().env("JAVA_TOOL_OPTIONS", "-Dx=\"y z\"")) {
            Finished finished = agent.runCommand("--", "sh", "-c", "echo \"<$JAVA_TOOL_OPTIONS>\"; env | grep -c KEPT")
                    .run();
            assertTrue(finished.output().endsWith("<-Dx=\"y z\">\n0\n"), finished::toString);
        }
    }

    /** What the threat model says of the command, so that it stays true. */
    @Test
    void theEnvironmentOfACommandIsReadableByItsUser() throws Exception {
        try (TestAgent agent = TestAgent.prepared().openedToOthers()) {
            agent.configured("""
                    sockets: [{name: main, path: %s, mode: "0666"}]
                    workloads: [{name: owner, match: {uid: %d}, allow: ["store:**"]}]
                    """.formatted(agent.socket(), OWNER)).start();
            Canary canary = agent.put("plain", Canary.word());
            String[] launch = {
                agent.launcherForOthers(), "--secret", "V=plain", "--", "sh", "-c", "echo up; exec sleep 60"
            };
            Process process = Command.of(Machine.as(OWNER, OWNER, "", launch))
                    .env("LATCHKEY_SOCKET", agent.socket().toString())
                    .start();
            try {
                assertEquals("up", process.inputReader().readLine());
                String environ = "/proc/" + process.pid() + "/environ";
                assertTrue(Canaries.contains(asOwner("cat", environ).out(), canary.bytes()), "its own user");
                assertEquals("", openedBy(Machine.STRANGER, List.of(environ)));
            } finally {
                process.destroyForcibly();
            }
        }
    }
}
