package dev.latchkey.agent;

import dev.latchkey.agent.config.RunPlaces;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** The command of {@code agent run -- COMMAND}, which lives as long as it likes and the agent with it. */
final class Guest {
    /** Gives the command the umask that the agent was started with, then becomes it: 126 and 127 are the shell's own. */
    private static final String BECOME = """
            umask "$1"; shift
            case $1 in
              */*) [ -e "$1" ] || { echo "agent: there is no command $1" >&2; exit 127; } ;;
              *) command -v "$1" >/dev/null || { echo "agent: the command $1 is not in PATH" >&2; exit 127; } ;;
            esac
            exec "$@"
            """;

    /** What the agent's script takes away from the JVM, and under which names it keeps it. */
    private static final List<String> OF_THE_JVM = List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS");

    private static final String KEPT = "LATCHKEY_KEPT_";

    private final Process process;

    private Guest(Process process) {
        this.process = process;
    }

    /**
     * Starts it on the agent's own terminal and streams.
     *
     * @param umask as the agent found it
     */
    static Guest start(List<String> command, RunPlaces places, int umask) {
        List<String> words =
                new ArrayList<>(List.of("/bin/sh", "-c", BECOME, "agent", String.format(Locale.ROOT, "%04o", umask)));
        words.addAll(command);
        ProcessBuilder builder = new ProcessBuilder(words).inheritIO();
        prepare(builder.environment(), places);
        try {
            return new Guest(builder.start());
        } catch (IOException e) {
            throw new AgentException(Failure.of(FailureKind.INTERNAL, "cannot start the command: no /bin/sh"), e);
        }
    }

    /** SECURITY: it learns where this agent is, for launchers and for admin commands, and nothing else of the agent's own. */
    static void prepare(Map<String, String> environment, RunPlaces places) {
        for (String name : OF_THE_JVM) {
            String kept = environment.get(KEPT + name);
            if (kept != null) {
                environment.put(name, kept);
            }
        }
        environment.keySet().removeIf(name -> name.startsWith("LATCHKEY_") || name.equals("NOTIFY_SOCKET"));
        environment.put("LATCHKEY_SOCKET", places.sockets().getFirst().path().toString());
        environment.put("LATCHKEY_STATE", places.state().toString());
        environment.put("LATCHKEY_ADMIN_SOCKET", places.ownAdminSocket().toString());
    }

    /** Its exit status, 128 + N if it died of signal N. */
    CompletableFuture<Integer> ended() {
        return process.onExit().thenApply(Process::exitValue);
    }

    /** SIGTERM. */
    void terminate() {
        process.destroy();
    }

    /** SIGKILL. */
    void kill() {
        process.destroyForcibly();
    }
}
