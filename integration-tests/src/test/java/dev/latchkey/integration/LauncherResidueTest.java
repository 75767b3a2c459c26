package dev.latchkey.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a core of the launcher holds, wherever it dies after values were delivered to it: no copy of any. */
final class LauncherResidueTest {
    private static final Residue RESIDUE = new Residue();
    private static TestAgent agent = TestAgent.prepared();

    @TempDir
    Path folder;

    @BeforeAll
    static void startAgent() {
        if (Machine.uid() == 0) {
            agent.start();
            new AdminSocket(agent).put("plain", RESIDUE.plant().bytes());
            new AdminSocket(agent)
                    .put(
                            "long",
                            (RESIDUE.plant().utf8() + "x".repeat(100_000))
                                    .getBytes(java.nio.charset.StandardCharsets.UTF_8));
            new AdminSocket(agent)
                    .put("nul", (RESIDUE.plant().utf8() + "\0").getBytes(java.nio.charset.StandardCharsets.UTF_8));
        }
    }

    @AfterAll
    static void stopAgent() {
        agent.close();
    }

    @BeforeEach
    void needed() {
        Machine.needsRoot();
        Machine.needs("strace");
    }

    @Test
    void theSearchFindsTheValueInACoreOfTheCommand() throws Exception {
        try (CorePattern pattern = CorePattern.toFiles(folder)) {
            dies(List.of(), "--secret", "V=plain", "--", "sh", "-c", "kill -ABRT $$");
            Residue.Found found = RESIDUE.inFile(pattern.core());
            assertTrue(found.total() >= 1, found::toString);
        }
    }

    /** Killed in the middle: each system call between the delivery and the end, as strace lets it fail and kills it there. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "execve:error=ENOENT:signal=SIGABRT",
                "execve:error=EACCES:signal=SIGABRT",
                "execve:error=E2BIG:signal=SIGABRT",
                "recvfrom:signal=SIGABRT",
                "mlock:signal=SIGABRT",
                "ppoll:signal=SIGABRT"
            })
    void holdsNoCopyWhereItIsKilled(String injection) throws Exception {
        try (CorePattern pattern = CorePattern.toFiles(folder)) {
            dies(List.of(injection), "--secret", "V=plain", "--secret", "W=long", "--", "true");
            assertNone(injection, pattern.core());
        }
    }

    /** Killed when it says why it failed, by then it has wiped what it got. */
    @ParameterizedTest
    @ValueSource(strings = {"ENOENT", "EACCES", "E2BIG", "ENOEXEC", "ENOMEM"})
    void holdsNoCopyAfterItCouldNotExecute(String errno) throws Exception {
        try (CorePattern pattern = CorePattern.toFiles(folder)) {
            dies(List.of("execve:error=" + errno, "write:signal=SIGABRT"), "--secret", "V=plain", "--", "true");
            assertNone("after " + errno, pattern.core());
        }
    }

    @Test
    void holdsNoCopyAfterTheKernelFoundItAllTooLong() throws Exception {
        List<String> words = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            words.addAll(List.of("--secret", "V" + i + "=long"));
        }
        words.addAll(List.of("--", "true"));
        try (CorePattern pattern = CorePattern.toFiles(folder)) {
            agent.launch(words.toArray(String[]::new)).refuses(126);
            dies(List.of("write:signal=SIGABRT"), words.toArray(String[]::new));
            assertNone("after too much", pattern.core());
        }
    }

    @Test
    void holdsNoCopyAfterAValueWithANul() throws Exception {
        try (CorePattern pattern = CorePattern.toFiles(folder)) {
            dies(List.of("write:signal=SIGABRT"), "--secret", "V=plain", "--secret", "N=nul", "--", "true");
            assertNone("after a NUL", pattern.core());
        }
    }

    /** An agent that dies in the middle of its answer: this one says that 200 bytes come, and sends fewer. */
    @ParameterizedTest
    @ValueSource(strings = {"write:signal=SIGABRT", "recvfrom:signal=SIGABRT:when=2+"})
    void holdsNoCopyWhereTheAgentDiesInTheMiddleOfItsAnswer(String injection) throws Exception {
        String server = """
                import socket, sys
                s = socket.socket(socket.AF_UNIX); s.bind(sys.argv[1]); s.listen(); print('up', flush=True)
                value = sys.stdin.buffer.read()
                for _ in range(2):
                    c = s.accept()[0]; c.recv(4096)
                    c.sendall(b'LKEY\\x01\\x00\\x02\\x00' + (200).to_bytes(4, 'big') + b'V=' + value); c.close()
                """;
        Path socket = folder.resolve("s");
        Process process =
                Command.of(Machine.python(), "-c", server, socket.toString()).start();
        try (CorePattern pattern = CorePattern.toFiles(folder)) {
            assertEquals("up", process.inputReader().readLine());
            try (var stdin = process.getOutputStream()) {
                stdin.write(RESIDUE.plant().bytes());
            }
            dies(List.of(injection), "--socket", socket.toString(), "--wait", "0", "--secret", "V=plain", "--", "true");
            assertNone("half an answer, " + injection, pattern.core());
        } finally {
            process.destroyForcibly();
        }
    }

    /** Runs the launcher under strace, with these injections, with any size of core. */
    private void dies(List<String> injections, String... words) {
        List<String> all = new ArrayList<>();
        if (!injections.isEmpty()) {
            all.addAll(List.of("strace", "-qq", "-o", "/dev/null"));
            injections.forEach(injection -> all.add("--inject=" + injection));
        }
        all.add(Machine.LAUNCHER);
        all.addAll(List.of(words));
        Finished finished = Command.shell("ulimit -c unlimited; \"$@\"", all.toArray(String[]::new))
                .env("LATCHKEY_SOCKET", agent.socket().toString())
                .in(folder)
                .run();
        finished.exits(128 + 6);
    }

    private static void assertNone(String when, Path core) throws IOException {
        Residue.Found found = RESIDUE.inFile(core);
        Files.delete(core);
        assertTrue(found.searched() > 100_000, found::toString);
        assertEquals(0, found.total() + found.beginnings(), () -> when + ": " + found);
    }
}
