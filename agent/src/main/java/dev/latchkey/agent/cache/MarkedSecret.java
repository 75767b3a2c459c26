package dev.latchkey.agent.cache;

import dev.latchkey.agent.secret.FoundSecret;
import dev.latchkey.agent.secret.SameSecret;
import java.time.Duration;
import java.util.Optional;

/**
 * A secret that was taken out of a kept document.
 *
 * @param stale how old the document is, where its backend could not be asked
 */
record MarkedSecret(FoundSecret secret, Optional<Duration> stale) implements SameSecret {}
