package dev.latchkey.integration;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A value reaches the command byte for byte, and nothing else of the command's world changes. */
final class DeliveryTest {
    /** NAME=VALUE of one variable at its longest. */
    private static final int LONGEST = 131_071;

    private static TestAgent agent = TestAgent.prepared();

    @BeforeAll
    static void startAgent() {
        agent.start();
        agent.put("plain");
    }

    @AfterAll
    static void stopAgent() {
        agent.close();
    }

    @Test
    void deliversEveryByteButNul() {
        byte[] bytes = new byte[255];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (i + 1);
        }
        agent.store("every-byte", bytes);
        agent.assertDelivers("V", bytes, "--secret", "V=every-byte");
    }

    @Test
    void deliversTheEmptyValue() {
        agent.store("empty", "");
        agent.assertDelivers("V", new byte[0], "--secret", "V=empty");
    }

    @Test
    void deliversWhatLooksLikeMarkupUnchanged() {
        for (String value :
                List.of("${secret:plain}", "$(id)", "`id`", "!template!", "a=b=c", "x\r\ny\n", "\u001b[31m")) {
            agent.store("markup", value);
            agent.assertDelivers("V", value.getBytes(StandardCharsets.UTF_8), "--secret", "V=markup");
        }
    }

    @Test
    void deliversTheLongestVariable() {
        byte[] bytes = new byte[LONGEST - "V=".length()];
        Arrays.fill(bytes, (byte) 'v');
        agent.store("longest", bytes);
        agent.assertDelivers("V", bytes, "--secret", "V=longest");
    }

    @Test
    void refusesOneByteMoreThanAVariableHolds() {
        byte[] bytes = new byte[LONGEST - "V=".length() + 1];
        Arrays.fill(bytes, (byte) 'v');
        agent.store("too-long", bytes);
        agent.launch("--secret", "V=too-long", "--", "echo", "ran")
                .refuses(125, "V=too-long")
                .hints()
                .says("--secret-file");
    }

    @Test
    void refusesAValueWithNul() {
        agent.store("with-nul", new byte[] {'a', 0, 'b'});
        agent.launch("--secret", "V=with-nul", "--", "echo", "ran")
                .refuses(125, "V=with-nul")
                .hints()
                .says("--secret-file");
    }

    @Test
    void deliversManyVariablesAtOnce() {
        Canary canary = agent.put("many");
        List<String> words = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            words.addAll(List.of("--secret", "V" + i + "=many"));
        }
        words.addAll(List.of("--", "cat", "/proc/self/environ"));
        Environment environment = Environment.parse(
                agent.launch(words.toArray(String[]::new)).succeeds().out());
        for (int i = 0; i < 200; i++) {
            assertArrayEquals(canary.bytes(), environment.value("V" + i));
        }
    }

    @Test
    void deliversUnderTheSecretsOwnName() {
        Canary canary = agent.put("OWN_NAME");
        agent.assertDelivers("OWN_NAME", canary, "--secret", "OWN_NAME");
    }

    @Test
    void passesArgumentsUnchanged() {
        String[] arguments = {"", " ", "a b", "--secret", "X=y", "--", "$HOME", "*", "\n", "é", "-v"};
        String program = "import os, sys; sys.stdout.buffer.write(b'\\0'.join(os.fsencode(a) for a in sys.argv[1:]))";
        List<String> words = new ArrayList<>(List.of("--secret", "V=plain", "--", Machine.python(), "-c", program));
        words.addAll(List.of(arguments));
        Finished finished = agent.launch(words.toArray(String[]::new)).succeeds();
        assertArrayEquals(String.join("\0", arguments).getBytes(StandardCharsets.UTF_8), finished.out());
    }

    @Test
    void endsOptionsAtTheFirstOtherWord() {
        agent.launch("--secret", "V=plain", "echo", "--secret", "W=plain", "--help")
                .succeeds()
                .prints("--secret W=plain --help\n");
    }

    @Test
    void keepsInheritedEntriesByteForByte() {
        Finished finished = agent.launcherInShell(
                        "X=$(printf '\\377\\376=\\001é'); export X; exec \"$@\"",
                        "--secret",
                        "V=plain",
                        "--",
                        "cat",
                        "/proc/self/environ")
                .run()
                .succeeds();
        ByteArrayOutputStream expected = new ByteArrayOutputStream();
        expected.writeBytes(new byte[] {(byte) 0xff, (byte) 0xfe, '=', 1});
        expected.writeBytes("é".getBytes(StandardCharsets.UTF_8));
        assertArrayEquals(
                expected.toByteArray(), Environment.parse(finished.out()).value("X"));
    }

    @Test
    void becomesTheCommandUnderTheSamePid() {
        List<String> pids = agent.launcherInShell(
                        "\"$@\" & launched=$!; wait $launched; echo $launched",
                        "--secret",
                        "V=plain",
                        "--",
                        "sh",
                        "-c",
                        "echo $$")
                .run()
                .succeeds()
                .lines();
        assertEquals(2, pids.size());
        assertEquals(pids.getLast(), pids.getFirst());
    }

    @Test
    void leavesTheCommandOnlyTheDescriptorsItWasGiven() {
        String list = "import os; print(sorted(f for f in map(int, os.listdir('/proc/self/fd')) if os.path.exists("
                + "'/proc/self/fd/%d' % f)))";
        String[] command = {Machine.python(), "-c", list};
        String bare = Command.of(command).run().succeeds().output();
        String launched = agent.launch("--secret", "V=plain", "--", command[0], command[1], command[2])
                .succeeds()
                .output();
        assertEquals(bare, launched);
    }

    @Test
    void passesInheritedDescriptorsOn() {
        agent.launcherInShell(
                        "exec 7<<END\nfrom seven\nEND\nexec \"$@\"", "--secret", "V=plain", "--", "sh", "-c", "cat <&7")
                .run()
                .succeeds()
                .prints("from seven\n");
    }

    @Test
    void passesStandardInputOn() {
        agent.launcher("--secret", "V=plain", "--", "cat")
                .input("typed")
                .run()
                .succeeds()
                .prints("typed");
    }

    @Test
    void leavesSignalMasksAndIgnoredSignalsAlone() {
        String program = """
                import os, signal, sys
                signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1, signal.SIGWINCH])
                signal.signal(signal.SIGHUP, signal.SIG_IGN)
                signal.signal(signal.SIGPIPE, signal.SIG_DFL)
                os.execvp(sys.argv[1], sys.argv[1:])""";
        String[] lines = {"grep", "-E", "^Sig(Blk|Ign|Cgt):", "/proc/self/status"};
        Finished bare = Command.python(program, lines).run().succeeds();
        List<String> words = new ArrayList<>(List.of(Machine.LAUNCHER, "--secret", "V=plain", "--"));
        words.addAll(List.of(lines));
        Finished launched = Command.python(program, words.toArray(String[]::new))
                .env("LATCHKEY_SOCKET", agent.socket().toString())
                .run()
                .succeeds();
        assertEquals(bare.output(), launched.output());
    }

    @Test
    void keepsDirectoryUmaskAndLimits() {
        String show = "pwd; umask; ulimit -a";
        String before = "cd / && umask 027 && ulimit -n 99 && ";
        String bare = Command.shell(before + show).run().succeeds().output();
        Finished launched = agent.launcherInShell(before + "exec \"$@\"", "--secret", "V=plain", "--", "sh", "-c", show)
                .run()
                .succeeds();
        assertEquals(bare, launched.output());
    }

    @Test
    void namesWhatWasDelivered() {
        agent.put("second");
        Environment environment = environment("--secret", "ONE=plain", "--secret", "TWO=second", "--env", "THREE=x");
        assertEquals(
                List.of("ONE", "TWO"),
                Arrays.stream(String.valueOf(environment.text("LATCHKEY_BOUND")).split("[ ,:]"))
                        .sorted()
                        .toList());
    }

    @Test
    void passesOnTheSocketAndNoOtherOfItsVariables() {
        Finished finished = agent.launcher("--secret", "V=plain", "--", "cat", "/proc/self/environ")
                .env("LATCHKEY_WAIT", "5s")
                .env("LATCHKEY_TIMEOUT", "5s")
                .env("LATCHKEY_SOMETHING", "x")
                .run()
                .succeeds();
        Environment environment = Environment.parse(finished.out());
        assertEquals(agent.socket().toString(), environment.text("LATCHKEY_SOCKET"));
        assertNull(environment.text("LATCHKEY_WAIT"));
        assertNull(environment.text("LATCHKEY_TIMEOUT"));
        assertNull(environment.text("LATCHKEY_SOMETHING"));
    }

    @Test
    void deliversOneEntryForEachName() {
        Finished finished = agent.launcher("--secret", "V=plain", "--", "cat", "/proc/self/environ")
                .env("V", "inherited")
                .run()
                .succeeds();
        List<String> names = Environment.parse(finished.out()).names();
        assertEquals(1, names.stream().filter("V"::equals).count());
    }

    @Test
    void worksWithAnEmptyEnvironment() {
        Finished finished = Command.of(
                        "env",
                        "-i",
                        Machine.LAUNCHER,
                        "--socket",
                        agent.socket().toString(),
                        "--secret",
                        "V=plain",
                        "--",
                        "cat",
                        "/proc/self/environ")
                .run()
                .succeeds();
        assertNotNull(Environment.parse(finished.out()).value("V"));
    }

    @Test
    void saysNothingOnSuccess() {
        assertEquals(
                "", agent.launch("--secret", "V=plain", "--", "true").succeeds().errors());
    }

    @Test
    void tellsItsStepsWhenAskedTo() {
        Finished finished =
                agent.launch("-v", "--secret", "V=plain", "--", "true").succeeds();
        finished.errors().lines().forEach(line -> assertEquals("launcher: ", line.substring(0, 10)));
        finished.says("launcher: ");
    }

    @Test
    void runsFromAFolderWithSpacesAndThroughALink() {
        Path link = agent.folder().resolve("a b");
        Command.of("ln", "-s", Machine.LAUNCHER, link.toString()).run().succeeds();
        Command.of(link.toString(), "--secret", "V=plain", "--", "true")
                .env("LATCHKEY_SOCKET", agent.socket().toString())
                .run()
                .succeeds();
    }

    private static Environment environment(String... options) {
        List<String> words = new ArrayList<>(List.of(options));
        words.addAll(List.of("--", "cat", "/proc/self/environ"));
        return Environment.parse(
                agent.launch(words.toArray(String[]::new)).succeeds().out());
    }
}
