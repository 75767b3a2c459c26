package dev.latchkey.agent.secret;

import java.time.Duration;
import java.util.Optional;

/**
 * How old an answer may be that a provider kept from earlier.
 *
 * @param maxAge older answers are fetched again; absent: as the configuration says
 * @param offline only what is kept counts, and the backend is not asked
 */
public record Freshness(Optional<Duration> maxAge, boolean offline) {
    /** As the configuration says. */
    public static final Freshness CONFIGURED = new Freshness(Optional.empty(), false);
}
