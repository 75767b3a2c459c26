package dev.latchkey.agent;

import dev.latchkey.agent.admin.Access;
import dev.latchkey.agent.config.AgentConfig;
import dev.latchkey.agent.config.Host;
import dev.latchkey.agent.injection.Providers;
import dev.latchkey.agent.injection.Settings;
import dev.latchkey.agent.policy.Policy;

/**
 * The configuration in force with everything that is derived from it: who is served what, and who may administer.
 *
 * @param settings for injections
 * @param access for admin commands
 */
record InForce(AgentConfig config, Settings settings, Access access) {
    /** Derives all of it from one configuration and the providers that were made of it. */
    static InForce of(AgentConfig config, Host host, Providers providers) {
        return new InForce(
                config,
                new Settings(Policy.of(config.workloads()), config.namespace(), providers),
                Translation.access(config.admin(), host.uid()));
    }
}
