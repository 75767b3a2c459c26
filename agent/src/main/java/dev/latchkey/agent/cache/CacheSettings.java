package dev.latchkey.agent.cache;

import java.time.Duration;

/**
 * How long answers count.
 *
 * @param ttl of a value; zero: it is fetched each time
 * @param staleIfError how much longer it counts while its backend cannot be asked
 * @param negativeTtl of an answer that there is nothing, or nothing for us
 */
public record CacheSettings(Duration ttl, Duration staleIfError, Duration negativeTtl) {
    public CacheSettings {
        if (ttl.isNegative() || staleIfError.isNegative() || negativeTtl.isNegative()) {
            throw new IllegalStateException("a negative duration");
        }
    }
}
