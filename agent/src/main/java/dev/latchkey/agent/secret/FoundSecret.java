package dev.latchkey.agent.secret;

import dev.latchkey.agent.failure.AgentException;
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

    /** Gives back what it holds; does not throw. */
    @Override
    void close();
}
