package dev.latchkey.agent.config;

import dev.latchkey.agent.policy.RuleLimits;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * What every provider has whose backend is reached over a network.
 *
 * @param authorities certificates in PEM that are trusted instead of the runtime's
 * @param timeout of one look-up with everything in it
 * @param retries further attempts where asking again may help
 */
public record NetworkConfig(Optional<Path> authorities, Duration timeout, int retries, RuleLimits limits) {}
