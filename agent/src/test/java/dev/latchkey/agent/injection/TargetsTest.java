package dev.latchkey.agent.injection;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.injection.LaunchRequest.RequestedBinding;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TargetsTest {
    @ParameterizedTest
    @ValueSource(strings = {"A", "_", "a_1", "MY_APP_SECRET", "path", "LDX", "GIT_SSHX", "GITCONFIG", "git_config"})
    void takesNamesOfVariables(String name) {
        assertEquals(Optional.empty(), check(name, false));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1A", "A-B", "A B", "A=B", "é", "A\u0000", "A.B"})
    void refusesOtherNames(String name) {
        assertEquals(Optional.of(FailureKind.BAD_TARGET), check(name, true));
    }

    @Test
    void boundsTheLength() {
        assertEquals(Optional.empty(), check("A".repeat(1024), false));
        assertEquals(Optional.of(FailureKind.BAD_TARGET), check("A".repeat(1025), false));
    }

    /** The list of the threat model, written down a second time so that a line lost from one is missed in the other. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "LD_PRELOAD",
                "LD_",
                "LD_AUDIT",
                "GCONV_PATH",
                "GLIBC_TUNABLES",
                "BASH_ENV",
                "IFS",
                "PATH",
                "SHELLOPTS",
                "PS4",
                "PROMPT_COMMAND",
                "NODE_OPTIONS",
                "NODE_PATH",
                "PYTHONSTARTUP",
                "PYTHONPATH",
                "PYTHONHOME",
                "PERL5OPT",
                "PERL5LIB",
                "RUBYOPT",
                "RUBYLIB",
                "JAVA_TOOL_OPTIONS",
                "JDK_JAVA_OPTIONS",
                "_JAVA_OPTIONS",
                "DOTNET_STARTUP_HOOKS",
                "GIT_SSH",
                "GIT_SSH_COMMAND",
                "GIT_ASKPASS",
                "GIT_EXEC_PATH",
                "GIT_CONFIG",
                "GIT_CONFIG_GLOBAL",
                "GIT_CONFIG_COUNT",
                "GIT_EXTERNAL_DIFF",
                "GIT_PAGER",
                "GIT_EDITOR",
                "GIT_PROXY_COMMAND",
                "GIT_TEMPLATE_DIR"
            })
    void refusesNamesThatChangeHowProgramsRunUnlessAllowed(String name) {
        assertEquals(Optional.of(FailureKind.DANGEROUS_TARGET), check(name, false));
        assertEquals(Optional.empty(), check(name, true));
    }

    @Test
    void refusesTheSameTargetTwiceEvenIfTheFirstWasRefused() {
        Targets targets = new Targets();

        assertEquals(Optional.of(FailureKind.DANGEROUS_TARGET), kind(targets, "PATH", false));
        assertEquals(Optional.of(FailureKind.DUPLICATE_TARGET), kind(targets, "PATH", true));
        assertEquals(Optional.empty(), kind(targets, "path", false));
    }

    private static Optional<FailureKind> check(String name, boolean allowed) {
        return kind(new Targets(), name, allowed);
    }

    private static Optional<FailureKind> kind(Targets targets, String name, boolean allowed) {
        return targets.next(new RequestedBinding(name, "x", allowed)).map(Failure::kind);
    }
}
