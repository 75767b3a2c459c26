package dev.latchkey.agent.injection;

import java.util.Set;

/**
 * Names of variables that change which code a program runs. SECURITY: whoever can write a secret would otherwise run code in the command that gets it.
 *
 * <p>The list is {@code protocol/vectors/dangerous-names.txt}. It is exact: a name in another case is another variable.
 */
final class DangerousNames {
    private static final String LOADER = "LD_";
    private static final String GIT_CONFIG = "GIT_CONFIG";

    private static final Set<String> NAMES = Set.of(
            "BASH_ENV",
            "DOTNET_STARTUP_HOOKS",
            "GCONV_PATH",
            "GIT_ASKPASS",
            "GIT_EDITOR",
            "GIT_EXEC_PATH",
            "GIT_EXTERNAL_DIFF",
            "GIT_PAGER",
            "GIT_PROXY_COMMAND",
            "GIT_SSH",
            "GIT_SSH_COMMAND",
            "GIT_TEMPLATE_DIR",
            "GLIBC_TUNABLES",
            "IFS",
            "JAVA_TOOL_OPTIONS",
            "JDK_JAVA_OPTIONS",
            "NODE_OPTIONS",
            "NODE_PATH",
            "PATH",
            "PERL5LIB",
            "PERL5OPT",
            "PROMPT_COMMAND",
            "PS4",
            "PYTHONHOME",
            "PYTHONPATH",
            "PYTHONSTARTUP",
            "RUBYLIB",
            "RUBYOPT",
            "SHELLOPTS",
            "_JAVA_OPTIONS");

    private DangerousNames() {}

    static boolean contains(String name) {
        return NAMES.contains(name) || name.startsWith(LOADER) || name.startsWith(GIT_CONFIG);
    }

    /** How many entries the list has. */
    static int count() {
        return NAMES.size() + 2;
    }
}
