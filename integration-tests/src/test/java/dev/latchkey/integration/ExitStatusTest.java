package dev.latchkey.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The launcher's statuses, their order, and those of the command, which are its own. */
final class ExitStatusTest {
    private static TestAgent agent = TestAgent.prepared();

    @BeforeAll
    static void startAgent() {
        agent.configured("""
                workloads:
                  - name: tests
                    match: {uid: %d}
                    allow: ["store:default/default/*"]
                    deny: ["store:**/denied-*"]
                """.formatted(Machine.uid()));
        agent.start();
        agent.put("plain");
    }

    @AfterAll
    static void stopAgent() {
        agent.close();
    }

    @Test
    void passesEveryStatusOfTheCommandThrough() {
        for (int status = 0; status <= 255; status++) {
            agent.launch("--secret", "V=plain", "--", "sh", "-c", "exit " + status)
                    .exits(status);
        }
    }

    @Test
    void passesDeathBySignalThrough() {
        String program = """
                import signal, subprocess, sys
                # A build in the background ignores these, which the command would inherit.
                for s in (1, 2, 3):
                    signal.signal(s, signal.SIG_DFL)
                for s in (1, 2, 3, 6, 9, 11, 14, 15):
                    died = subprocess.run(sys.argv[1:] + ['kill -%d $$' % s]).returncode
                    assert died == -s, (s, died)
                """;
        Command.python(program, Machine.LAUNCHER, "--secret", "V=plain", "--", "sh", "-c")
                .env("LATCHKEY_SOCKET", agent.socket().toString())
                .run()
                .succeeds();
    }

    @Test
    void refusesACommandThatIsNotThere() {
        agent.launch("--secret", "V=plain", "--", "no-such-command-here").refuses(127, "not found");
        agent.launch("--secret", "V=plain", "--", "/no/such/command").refuses(127, "not found");
    }

    @Test
    void refusesWhatCannotBeExecuted() {
        Path plain = agent.write("plain.txt", "echo no");
        agent.launch("--secret", "V=plain", "--", plain.toString()).refuses(126, "permission denied");
        agent.launch("--secret", "V=plain", "--", agent.folder().toString()).refuses(126);
    }

    @Test
    void triesNoShellForAFormatTheKernelDoesNotKnow() throws Exception {
        Path script = agent.write("no-interpreter", "echo ran\n");
        Files.setPosixFilePermissions(script, java.nio.file.attribute.PosixFilePermissions.fromString("rwxr-xr-x"));
        agent.launch("--secret", "V=plain", "--", script.toString()).refuses(126);
    }

    @Test
    void searchesThePathThatTheCommandWillSee() throws Exception {
        Path folder = Files.createDirectory(agent.folder().resolve("bin"));
        Path program = Files.createSymbolicLink(folder.resolve("found-there"), Path.of("/bin/echo"));
        agent.launch("--secret", "V=plain", "--env", "PATH=" + folder, "--", "found-there", "yes")
                .succeeds()
                .prints("yes\n");
        agent.launch("--secret", "V=plain", "--", "found-there").refuses(127);
        Files.delete(program);
    }

    @Test
    void goesOnInThePathPastAFolderItMayNotUse() throws Exception {
        Path folder = Files.createDirectory(agent.folder().resolve("first"));
        Files.writeString(folder.resolve("echo"), "not executable");
        agent.launch("--secret", "V=plain", "--env", "PATH=" + folder + ":/usr/bin:/bin", "--", "echo", "on")
                .succeeds()
                .prints("on\n");
    }

    @Test
    void refusesAnEnvironmentThatTheKernelRefuses() {
        String program = """
                import os, sys
                import resource
                resource.setrlimit(resource.RLIMIT_STACK, (1 << 20, 1 << 20))
                os.execvp(sys.argv[1], sys.argv[1:])""";
        // The launcher starts below the limit of a small stack, and the value lifts the command above it.
        byte[] large = new byte[120_000];
        java.util.Arrays.fill(large, (byte) 'x');
        agent.store("large", large);
        Command.python(
                        program,
                        Machine.LAUNCHER,
                        "--secret",
                        "A=large",
                        "--secret",
                        "B=large",
                        "--secret",
                        "C=large",
                        "--",
                        "/bin/true")
                .env("LATCHKEY_SOCKET", agent.socket().toString())
                .run()
                .refuses(126);
    }

    @Test
    void checksUsageBeforeTheCommand() {
        agent.launch("--secret", "9=plain", "--", "no-such-command-here").refuses(125);
    }

    @Test
    void checksTheCommandBeforeTheAgent() {
        agent.launch(
                        "--socket",
                        agent.folder().resolve("none").toString(),
                        "--wait",
                        "0",
                        "--secret",
                        "V=plain",
                        "--",
                        "no-such-command-here")
                .refuses(127);
    }

    @Test
    void checksTheAgentBeforeTheAnswer() {
        Path nowhere = agent.folder().resolve("none.sock");
        agent.launch("--socket", nowhere.toString(), "--wait", "0", "--secret", "V=missing", "--", "true")
                .refuses(120, nowhere.toString());
    }

    @Test
    void ranksDeniedBeforeMissing() {
        agent.launch("--secret", "A=missing", "--secret", "B=denied-one", "--", "true")
                .refuses(121, "A=missing", "B=denied-one");
    }

    @Test
    void ranksMissingBeforeNotJson() {
        agent.store("words", "no json");
        agent.launch("--secret", "A=words#field", "--", "true").refuses(123, "A=words#field");
        agent.launch("--secret", "A=words#field", "--secret", "B=missing", "--", "true")
                .refuses(122, "A=words#field", "B=missing");
    }

    @Test
    void ranksMissingBeforeAValueThatFits() {
        agent.store("nul", new byte[] {0});
        agent.launch("--secret", "A=nul", "--secret", "B=missing", "--", "true").refuses(122, "B=missing");
    }

    @Test
    void tellsDeniedTheSameWhetherTheSecretExists() {
        agent.put("denied-there");
        Finished there =
                agent.launch("--secret", "V=denied-there", "--", "true").refuses(121);
        Finished notThere =
                agent.launch("--secret", "V=denied-nope1", "--", "true").refuses(121);
        assertEquals(
                there.errors().replace("denied-there", "X"), notThere.errors().replace("denied-nope1", "X"));
    }

    @Test
    void waitsNoLongerThanTold() {
        agent.launch(
                        "--socket",
                        agent.folder().resolve("none.sock").toString(),
                        "--wait",
                        "300ms",
                        "--secret",
                        "V=plain",
                        "--",
                        "true")
                .refuses(120)
                .tookUnder(Duration.ofSeconds(3));
    }
}
