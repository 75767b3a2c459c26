package dev.latchkey.agent.backend.azure;

import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * What the agent runs on.
 *
 * @param environment the agent's own
 * @param clock of the wall
 * @param nanoTime of the monotonic clock
 */
public record AzureHost(Map<String, String> environment, Clock clock, LongSupplier nanoTime) {
    public AzureHost {
        environment = Map.copyOf(environment);
    }

    /** Empty counts as unset. */
    Optional<String> variable(String name) {
        return Optional.ofNullable(environment.get(name)).filter(value -> !value.isEmpty());
    }

    @Override
    public String toString() {
        return "[redacted]";
    }
}
