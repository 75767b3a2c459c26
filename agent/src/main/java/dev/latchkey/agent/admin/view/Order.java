package dev.latchkey.agent.admin.view;

import java.util.List;
import java.util.Optional;

/** The bodies of requests that are not values. */
public sealed interface Order {
    /** Makes a project. */
    record CreateProject(String name, Optional<String> naming) implements Order {}

    /** Makes an environment. */
    record CreateEnvironment(String name) implements Order {}

    /**
     * Describes a secret anew; what is absent stays as it is.
     *
     * @param expiresIn a duration from now for the current version, or {@code never}
     */
    record Describe(Optional<String> description, Optional<List<String>> scopes, Optional<String> expiresIn)
            implements Order {}

    /**
     * Asks what the policy would say.
     *
     * @param gid absent: the user's primary one
     * @param groups supplementary groups; absent: the user's own
     * @param arrival absent: by the first listener, with a pid, strictly pinned, without a token
     * @param process absent: in no unit, container or other control group
     */
    record Explain(
            long uid,
            Optional<Long> gid,
            Optional<List<Long>> groups,
            Optional<Arrival> arrival,
            Optional<Facts> process,
            Optional<String> project,
            Optional<String> environment,
            List<String> references)
            implements Order {
        public Explain {
            references = List.copyOf(references);
        }

        /**
         * How the caller would come.
         *
         * @param tokenFile the token file of a rule whose token it would present
         */
        public record Arrival(Optional<String> listener, boolean pid, boolean strictPin, Optional<String> tokenFile) {}

        /** What the caller's process would be found to be. */
        public record Facts(
                Optional<String> cgroup,
                Optional<String> unit,
                Optional<String> container,
                Optional<String> pod,
                Optional<String> exe,
                Optional<String> exeSha256,
                Optional<Command> command) {}

        /**
         * What the caller would say that it becomes.
         *
         * @param args all of its arguments
         */
        public record Command(String path, Optional<String> sha256, List<String> args) {
            public Command {
                args = List.copyOf(args);
            }
        }
    }

    /** Fetches again what is kept of a secret. */
    record Refresh(String reference, Optional<String> project, Optional<String> environment) implements Order {}

    /**
     * Sends a signal to live processes that hold a version of a secret.
     *
     * @param secret a reference without version, field or options
     * @param older only to those that are known to hold an older version than a launch would get now
     * @param signal its name, as in {@code TERM}
     */
    record SignalConsumers(
            String secret, Optional<String> project, Optional<String> environment, boolean older, String signal)
            implements Order {}

    /**
     * Asks what a provider has below a prefix.
     *
     * @param prefix empty, or ending with {@code /}
     * @param fields each field of an object by itself
     */
    record ListProvider(String provider, String prefix, boolean fields) implements Order {}

    /**
     * Imports one secret of a provider.
     *
     * @param path as a reference has it once it is decoded
     * @param field one of its fields; absent: all of it
     * @param name in the store
     * @param onExisting {@code skip}, {@code fail} or {@code new-version}
     * @param dryRun only tells what would be done
     */
    record ImportFrom(
            String provider,
            String path,
            Optional<String> field,
            String name,
            Optional<String> project,
            Optional<String> environment,
            String onExisting,
            boolean dryRun)
            implements Order {}

    /**
     * Writes a copy of the key file.
     *
     * @param to an absolute path on the agent's machine, where nothing is yet
     */
    record ExportKey(String to) implements Order {}
}
