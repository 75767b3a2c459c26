/**
 * Stands between launches and the backends of outside systems, so that launches never storm a backend and survive its outage as far as configured.
 *
 * <p>{@link dev.latchkey.agent.cache.CachingProvider} answers from what it keeps; what it does not have, or not fresh enough, it fetches once for all
 * who ask at the same time. {@link dev.latchkey.agent.cache.Guard} is the way to one backend: it limits how many requests go there and how fast, asks
 * again with pauses, and stops asking for a while when nothing comes back.
 *
 * <p>What a backend said for certain (there, missing, denied) replaces what was kept. Only where it could not be asked does an older value count, for as
 * long as {@code stale-if-error} says, and then it is marked wherever it is used.
 *
 * <p>What comes under a lease ({@link dev.latchkey.agent.cache.KeptLease}) is renewed while somebody holds it or it may be served from here, and given
 * back once neither is so.
 *
 * <p>SECURITY: values are kept as ciphertexts under a key that exists in this process alone, and are opened only into what leaves the agent. All times
 * are of the monotonic clock: setting the clock makes nothing younger. Any thread.
 */
@NullMarked
package dev.latchkey.agent.cache;

import org.jspecify.annotations.NullMarked;
