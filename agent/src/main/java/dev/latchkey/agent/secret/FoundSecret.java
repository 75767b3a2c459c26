package dev.latchkey.agent.secret;

import dev.latchkey.agent.failure.AgentException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/** A version that was looked up and not yet opened. Belongs to one thread. */
public interface FoundSecret extends AutoCloseable {
    /** In the provider's own form. */
    String version();

    /** When that version was made, where the provider knows. */
    Optional<Instant> created();

    /** Bytes of its value, where the provider knows without opening it. */
    Optional<Integer> size();

    /** The kinds of use it is for; empty: any. */
    Set<Scope> scopes();

    /**
     * Opens the value; may be called again, and each value is the caller's to close.
     *
     * @throws AgentException of kind {@code DECRYPTION_FAILED}
     */
    SecretValue open();

    /**
     * Opens the value into what remains of a direct buffer, which must be exactly {@link #size} bytes, and fills it. If it throws, zeroes are
     * left there.
     *
     * @throws AgentException as {@link #open}
     */
    default void openInto(ByteBuffer to) {
        try (SecretValue value = open()) {
            if (value.size() != to.remaining()) {
                throw new IllegalStateException("a value has not the size that its provider said");
            }
            value.lend(to::put);
        }
    }

    /** Gives back what it holds; does not throw. */
    @Override
    void close();
}
