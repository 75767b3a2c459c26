package dev.latchkey.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the launcher says and refuses before it looks for any agent. */
final class LauncherUsageTest {
    private static Finished launch(String... words) {
        List<String> all = new ArrayList<>(List.of(Machine.LAUNCHER));
        all.addAll(List.of(words));
        return Command.of(all).env("LATCHKEY_SOCKET", "/nonexistent/agent.sock").run();
    }

    @ParameterizedTest
    @ValueSource(strings = {"-h", "--help"})
    void printsHelpOnStdout(String option) {
        Finished help = launch(option).succeeds();
        assertEquals("", help.errors());
        for (String flag : List.of(
                "--secret",
                "--env",
                "--env-file",
                "--from-env",
                "--project",
                "--environment",
                "--inherit",
                "--on-conflict",
                "--allow-dangerous-name",
                "--socket",
                "--agent-user",
                "--wait",
                "--timeout",
                "--require-lock",
                "--dry-run",
                "--check",
                "--bindings",
                "--template",
                "--secret-file",
                "--secret-dir",
                "--all-from",
                "--verbose",
                "--version")) {
            assertTrue(help.output().contains(flag), flag);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"--on-rotate", "--supervise", "--mask", "--user"})
    void helpListsNothingThatIsNotAvailable(String option) {
        assertFalse(launch("--help").succeeds().output().contains(option));
    }

    @ParameterizedTest
    @ValueSource(strings = {"-V", "--version"})
    void printsItsVersionOnStdout(String option) {
        Finished version = launch(option).succeeds();
        assertTrue(version.output().matches("launcher \\S+.*\\n"), version::toString);
    }

    @ParameterizedTest
    @ValueSource(strings = {"--on-rotate=none", "--supervise", "--mask", "--user=u"})
    void saysWhatIsNotAvailableYet(String option) {
        launch(option, "--", "true").refuses(125, "not available yet");
    }

    @Test
    void runsWithoutBindingsAndWithoutAnAgent() {
        launch("--env", "A=b", "--", "sh", "-c", "echo $A").succeeds().prints("b\n");
        launch("echo", "x").succeeds().prints("x\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"--no-such-option", "--secre", "-x", "--wait"})
    void refusesUnknownOptions(String option) {
        launch(option).refuses(125);
    }

    @Test
    void refusesNoCommand() {
        launch("--secret", "A=b").refuses(125);
        launch().refuses(125);
    }

    @ParameterizedTest
    @ValueSource(strings = {"FOO=", "my-secret", "=x", "9A=b", "A-B=c", "A B=c", "É=b", ""})
    void refusesWhatNamesNoBinding(String binding) {
        launch("--secret", binding, "--", "true").refuses(125);
    }

    @ParameterizedTest
    @ValueSource(strings = {"FOO=", "my-secret"})
    void hintsAtTheRightBinding(String binding) {
        launch("--secret", binding, "--", "true").refuses(125).hints();
    }

    @ParameterizedTest
    @ValueSource(strings = {"NAME", "=x", "9=x", "A-B=x"})
    void refusesWhatIsNoPlainVariable(String variable) {
        launch("--env", variable, "--", "true").refuses(125);
    }

    @Test
    void takesAnEmptyPlainVariable() {
        launch("--env", "A=", "--", "sh", "-c", "echo \"[$A]\"").succeeds().prints("[]\n");
    }

    @Test
    void splitsAtTheFirstEqualsSign() {
        launch("--env=A=b=c", "--", "sh", "-c", "echo $A").succeeds().prints("b=c\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"a@1@2", "a#b#c", "a#", "a@", "a,", "a,unknown", "a,optional,default=x", "a,decode=zip", "a%zz"})
    void refusesBrokenReferences(String reference) {
        launch("--secret", "A=" + reference, "--", "true").refuses(125);
    }

    @Test
    void namesEveryProblemAtOnce() {
        launch("--secret", "A=a@1@2", "--secret", "B=b", "--secret", "C=b#c#d", "--", "true")
                .refuses(125, "A: column 4", "C: column 4");
        launch("--secret", "9=a", "--env", "-=b", "--secret", "C=a@1@2", "--", "true")
                .refuses(125, "argument 2: not the name", "argument 4: not the name", "argument 6: C: column 4")
                .hints();
    }

    @Test
    void refusesTheSameTargetTwice() {
        launch("--secret", "TWICE=a", "--secret", "TWICE=b", "--", "true").refuses(125, "TWICE");
        launch("--secret", "TWICE=a", "--env", "TWICE=b", "--", "true").refuses(125, "TWICE");
        launch("--env", "TWICE=a", "--env", "TWICE=b", "--", "true").refuses(125, "TWICE");
    }

    @ParameterizedTest
    @ValueSource(strings = {"LD_PRELOAD", "PATH", "PYTHONPATH", "NODE_OPTIONS", "GIT_CONFIG_COUNT", "BASH_ENV", "IFS"})
    void refusesDangerousTargetsOfSecrets(String name) {
        launch("--secret", name + "=a", "--", "true").refuses(125, name);
    }

    @Test
    void takesDangerousNamesAsPlainVariables() {
        launch("--env", "PYTHONPATH=/x", "--", "sh", "-c", "echo $PYTHONPATH")
                .succeeds()
                .prints("/x\n");
    }

    @Test
    void neverRepeatsAnArgument() {
        Canary mistyped = Canary.word();
        Finished finished = launch("--env", mistyped.utf8(), "--", "true").refuses(125);
        finished.saysNot(mistyped.utf8());
        launch("--secrt=" + mistyped.utf8(), "--", "true").refuses(125).saysNot(mistyped.utf8());
    }

    @Test
    void showsAReferenceOnlyUpToItsOptions() {
        Canary fallback = Canary.word();
        launch("--wait", "0", "--secret", "A=gone,default=" + fallback.utf8(), "--", "true")
                .refuses(120)
                .saysNot(fallback.utf8());
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "1x", "-1s", "1.5s", "s", "99999999999999999999s"})
    void refusesWhatIsNoDuration(String duration) {
        launch("--wait", duration, "--secret", "A=b", "--", "true").refuses(125, "duration");
    }

    @Test
    void refusesASocketPathThatIsTooLong() {
        launch("--socket", "/" + "x".repeat(107), "--secret", "A=b", "--", "true")
                .refuses(125);
    }

    @ParameterizedTest
    @ValueSource(strings = {"--inherit=some things", "--on-conflict=maybe", "--format=xml"})
    void refusesUnknownModes(String option) {
        launch(option, "--secret", "A=b", "--", "true").refuses(125);
    }
}
