package dev.latchkey.agent.secret;

import dev.latchkey.agent.failure.AgentException;
import java.nio.ByteBuffer;
import java.time.Duration;
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

    /** What kind of connection it describes, as in {@code postgres}, where the provider knows. */
    default Optional<String> connectionType() {
        return Optional.empty();
    }

    /** What it came under, where its backend ends it by itself. */
    default Optional<Lease> lease() {
        return Optional.empty();
    }

    /** How long ago the backend last confirmed it, where it should have been asked again and could not be. */
    default Optional<Duration> stale() {
        return Optional.empty();
    }

    /**
     * Opens the value; may be called again, and each value is the caller's to close.
     *
     * @throws AgentException of kind {@code DECRYPTION_FAILED}
     */
    SecretValue open();

    /**
     * Opens what a field is picked from: the whole object, also where {@link #open} gives the only value in it.
     *
     * @throws AgentException as {@link #open}
     */
    default SecretValue openObject() {
        return open();
    }

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
