package dev.latchkey.agent.backend.azure;

import dev.latchkey.agent.failure.AgentException;
import java.time.Duration;
import java.util.Optional;

/** What the agent is to Azure. */
interface Identity {
    /**
     * Gets a token. May block.
     *
     * @return the caller's to close
     * @throws AgentException {@code PROVIDER_DENIED} if there is none for us, or as a request
     */
    Grant grant(Duration within);

    /** The directory it belongs to, where it is known. */
    default Optional<String> tenant() {
        return Optional.empty();
    }
}
