package dev.latchkey.agent.crypto;

import dev.latchkey.agent.crypto.KeyEncryptionKey.Generation;
import dev.latchkey.agent.failure.AgentException;
import java.time.Duration;
import java.util.List;

/**
 * A key that a key service keeps: it is made, rotated and destroyed there, and never leaves it. An adapter asks once; how often and how long in all is
 * decided by whoever calls it.
 *
 * <p>All methods but the first two throw {@link dev.latchkey.agent.failure.UnavailableException} where asking again may help, otherwise {@link
 * AgentException} {@code PROVIDER_DENIED}, {@code PROVIDER_MALFORMED}, or {@code STATE_UNUSABLE} for a key that is there and of no use. They return or
 * throw within the time they are given. Making an adapter asks nothing of its service. Any thread.
 */
public interface RemoteKey {
    /** As in the configuration: {@code vault-transit}. */
    String kind();

    /** Names it for an operator, without credentials: an ARN, a URL. Two keys that are configured never have the same. */
    String where();

    /**
     * What the service has of this key and lets the agent decrypt with; the newest first, empty if the key is not there.
     *
     * <p>INVARIANT: the id of a generation names the key and its version for good: equal ids mean equal key material, whatever address led there.
     */
    List<Generation> generations(Duration within);

    /** Wraps under the newest generation, whose id the result carries. The key bytes stay the caller's; copies are wiped. */
    WrappedKey wrap(byte[] key, KeyContext context, Duration within);

    /**
     * Unwraps under the generation that wrapped it.
     *
     * @return the caller's to wipe
     * @throws AuthenticationException if this key did not wrap it, or not for this context
     */
    byte[] unwrap(WrappedKey wrapped, KeyContext context, Duration within) throws AuthenticationException;

    /** As {@link KeyEncryptionKey#close}. */
    default void close() {}
}
