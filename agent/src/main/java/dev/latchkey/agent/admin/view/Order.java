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
     */
    record Explain(
            long uid,
            Optional<Long> gid,
            Optional<List<Long>> groups,
            Optional<String> exe,
            Optional<String> project,
            Optional<String> environment,
            List<String> references)
            implements Order {
        public Explain {
            references = List.copyOf(references);
        }
    }

    /**
     * Writes a copy of the key file.
     *
     * @param to an absolute path on the agent's machine, where nothing is yet
     */
    record ExportKey(String to) implements Order {}
}
