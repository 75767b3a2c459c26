package dev.latchkey.agent.injection;

import dev.latchkey.agent.policy.Policy;
import dev.latchkey.agent.secret.EnvironmentName;
import dev.latchkey.agent.secret.Namespace;
import dev.latchkey.agent.secret.ProjectName;
import java.util.Optional;

/**
 * What the configuration says to an injection. INVARIANT: one injection uses one snapshot from its first decision to its last; a
 * configuration that is re-read is a new snapshot and counts for the injections after it.
 *
 * @param namespace where names without project and environment live
 */
public record Settings(Policy policy, Namespace namespace, Providers providers) {
    /**
     * The configured namespace with what a request says instead.
     *
     * @throws dev.latchkey.agent.failure.AgentException of kind {@code BAD_NAME}
     */
    Namespace namespace(Optional<String> project, Optional<String> environment) {
        return new Namespace(
                project.map(ProjectName::new).orElse(namespace.project()),
                environment.map(EnvironmentName::new).orElse(namespace.environment()));
    }
}
