package dev.latchkey.agent.config;

import dev.latchkey.agent.secret.ProviderType;
import java.util.Optional;

/** The types of providers that do not come with the agent. Asked only for a type that is none of the agent's own. */
@FunctionalInterface
public interface ProviderTypes {
    /** There are none. */
    ProviderTypes NONE = _ -> Optional.empty();

    /**
     * @throws dev.latchkey.agent.failure.AgentException if what is installed cannot be used
     */
    Optional<ProviderType> find(String type);
}
