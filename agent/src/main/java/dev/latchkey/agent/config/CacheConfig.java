package dev.latchkey.agent.config;

import java.time.Duration;

/**
 * How long answers of backends count.
 *
 * @param ttl of a value
 * @param staleIfError how much longer it counts while its backend cannot be asked
 * @param negativeTtl of an answer that there is nothing, or nothing for us
 */
public record CacheConfig(Duration ttl, Duration staleIfError, Duration negativeTtl) {}
