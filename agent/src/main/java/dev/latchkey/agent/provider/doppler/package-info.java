/**
 * References to secrets of Doppler: {@code doppler:STRIPE_KEY} is the secret of that name in the configured config, {@code doppler:DB#password} a field of
 * one that holds JSON.
 *
 * <p>Doppler gives a whole config in one download, which is kept as one thing for all names. It replaces references between its secrets itself, and what it
 * answers is taken as it is. A download has no versions, so none can be asked for.
 *
 * <p>Nothing is kept here; any thread.
 */
@NullMarked
package dev.latchkey.agent.provider.doppler;

import org.jspecify.annotations.NullMarked;
