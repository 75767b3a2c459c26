package dev.latchkey.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Which of several sources a variable comes from. */
final class PrecedenceTest {
    private static TestAgent agent = TestAgent.prepared();

    @BeforeAll
    static void startAgent() {
        agent.start();
        agent.store("one", "first");
        agent.store("two", "second");
    }

    @AfterAll
    static void stopAgent() {
        agent.close();
    }

    private static Finished run(Map<String, String> inherited, String... options) {
        List<String> words = new ArrayList<>(List.of(options));
        words.addAll(List.of("--", "cat", "/proc/self/environ"));
        return agent.launcher(words.toArray(String[]::new)).env(inherited).run();
    }

    private static Environment environment(Map<String, String> inherited, String... options) {
        return Environment.parse(run(inherited, options).succeeds().out());
    }

    @Test
    void aBindingReplacesAnInheritedVariable() {
        assertEquals(
                "first", environment(Map.of("V", "old"), "--secret", "V=one").text("V"));
    }

    @Test
    void keepLeavesTheInheritedVariableAndAsksNothing() {
        assertEquals(
                "old",
                environment(Map.of("V", "old"), "--on-conflict", "keep", "--secret", "V=not-there")
                        .text("V"));
    }

    @Test
    void errorNamesEveryConflict() {
        run(Map.of("V", "old", "W", "old"), "--on-conflict", "error", "--secret", "V=one", "--secret", "W=two")
                .refuses(125, "V", "W");
    }

    @Test
    void conflictsAreOnlyWithWhatIsLetThrough() {
        assertEquals(
                "first",
                environment(Map.of("V", "old"), "--inherit", "none", "--on-conflict", "error", "--secret", "V=one")
                        .text("V"));
    }

    @Test
    void aPlainVariableAlwaysReplaces() {
        assertEquals(
                "new",
                environment(Map.of("V", "old"), "--on-conflict", "error", "--env", "V=new")
                        .text("V"));
    }

    @Test
    void theCommandLineReplacesAFile() {
        String file = agent.write("vars", "V=from-file\nW=latchkey:two\n").toString();
        Environment environment = environment(Map.of(), "--secret", "V=one", "--env-file", file);
        assertEquals("first", environment.text("V"));
        assertEquals("second", environment.text("W"));
    }

    @Test
    void aFileReplacesWhatIsInherited() {
        String file = agent.write("vars", "V=from-file\n").toString();
        assertEquals(
                "from-file", environment(Map.of("V", "old"), "--env-file", file).text("V"));
    }

    @Test
    void refusesATargetTwiceInOneFile() {
        String file = agent.write("twice", "V=a\nV=latchkey:two\n").toString();
        run(Map.of(), "--env-file", file).refuses(125, "V");
    }

    @Test
    void readsBindingsFromInheritedVariablesWhenAsked() {
        Map<String, String> inherited = Map.of("V", "latchkey:one", "W", "plain");
        Environment asked = environment(inherited, "--from-env");
        assertEquals("first", asked.text("V"));
        assertEquals("plain", asked.text("W"));
        assertEquals("latchkey:one", environment(inherited).text("V"));
    }

    @Test
    void aVariableAsksForBindingsFromTheEnvironmentToo() {
        assertEquals(
                "first",
                environment(Map.of("V", "latchkey:one", "LATCHKEY_FROM_ENV", "1"))
                        .text("V"));
    }

    @Test
    void inheritNonePassesNothing() {
        Environment environment = environment(Map.of("X", "x"), "--inherit", "none", "--secret", "V=one");
        assertNull(environment.text("X"));
        assertNull(environment.text("HOME"));
        assertEquals("first", environment.text("V"));
    }

    @Test
    void inheritNamesPassesThose() {
        Environment environment =
                environment(Map.of("X", "x", "Y", "y", "Z", "z"), "--inherit", "X,Z", "--secret", "V=one");
        assertEquals("x", environment.text("X"));
        assertNull(environment.text("Y"));
        assertEquals("z", environment.text("Z"));
    }

    @Test
    void inheritCleanDropsWhatAnOuterLauncherDelivered() {
        String[] inner = {Machine.LAUNCHER, "--inherit", "clean", "--secret", "W=two", "--", "cat", "/proc/self/environ"
        };
        List<String> words = new ArrayList<>(List.of("--secret", "V=one", "--env", "X=x", "--"));
        words.addAll(List.of(inner));
        Environment environment = Environment.parse(
                agent.launch(words.toArray(String[]::new)).succeeds().out());
        assertNull(environment.text("V"));
        assertEquals("second", environment.text("W"));
        assertEquals("x", environment.text("X"));
    }

    @Test
    void aNestedLaunchKeepsWhatTheOuterDelivered() {
        String[] inner = {Machine.LAUNCHER, "--secret", "W=two", "--", "cat", "/proc/self/environ"};
        List<String> words = new ArrayList<>(List.of("--secret", "V=one", "--"));
        words.addAll(List.of(inner));
        Environment environment = Environment.parse(
                agent.launch(words.toArray(String[]::new)).succeeds().out());
        assertEquals("first", environment.text("V"));
        assertEquals("second", environment.text("W"));
    }

    @Test
    void anOptionalSecretThatIsNotThereRemovesTheVariable() {
        assertNull(environment(Map.of("V", "old"), "--secret", "V=not-there,optional")
                .text("V"));
    }

    @Test
    void dryRunTellsWhatReplacesWhat() {
        String file = agent.write("vars", "V=latchkey:two\n").toString();
        Finished plan = agent.launch("--dry-run", "--env-file", file, "--secret", "V=one")
                .succeeds();
        assertEquals(true, plan.output().contains("replaces"), plan::toString);
    }

    @Test
    void refusesAFileThatIsNotThere() {
        run(Map.of(), "--env-file", "/no/such/file").refuses(125, "no such file");
    }

    @Test
    void namesTheLineOfABrokenFileAndNotItsText() {
        Canary leaked = Canary.word();
        String file = agent.write("broken", "A=b\n" + leaked.utf8() + "\n").toString();
        Finished finished = run(Map.of(), "--env-file", file).refuses(125, "2");
        finished.saysNot(leaked.utf8());
    }
}
