package dev.latchkey.agent.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Port: {@code agent run}. */
@FunctionalInterface
public interface AgentRunner {
    /** Runs the agent until it is told to stop; gives the exit status. */
    int run(Options options);

    /**
     * What {@code agent run} was told.
     *
     * @param logLevel {@code error}, {@code warn}, {@code info} or {@code debug}
     * @param logFormat {@code logfmt} or {@code json}
     * @param command to run beside the agent; empty: none
     */
    record Options(
            Optional<Path> config,
            Optional<Path> state,
            Optional<Path> socket,
            Optional<String> logLevel,
            Optional<String> logFormat,
            List<String> command) {
        public Options {
            command = List.copyOf(command);
        }
    }
}
