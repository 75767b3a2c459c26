package dev.latchkey.agent.secret;

import dev.latchkey.agent.failure.AgentException;
import java.time.Duration;
import java.util.Optional;

/**
 * A provider whose backend is reached over a connection. It keeps nothing and asks once: what is kept, asked again and held back is the cache's, and
 * nothing else ever calls it.
 */
public interface RemoteProvider extends AutoCloseable {
    /** The name in the configuration. */
    String name();

    /** As {@link SecretProvider#locate}: pure, fast, and before any look-up. */
    SecretLocation locate(SecretReference reference, Namespace defaults);

    /**
     * Asks the backend.
     *
     * @param within when the answer is of no more use; it returns or throws by then
     * @throws dev.latchkey.agent.failure.UnavailableException where asking again may help
     * @throws AgentException {@code PROVIDER_DENIED}, {@code PROVIDER_MALFORMED}
     */
    Lookup fetch(SecretLocation location, Optional<String> version, Duration within);

    /** Loads what the first look-up would have to wait for, without asking anything. Called once, by a thread that nobody waits for. */
    default void prepare() {}

    /** What of the backend is silent while the rest answers, as {@code status} shows it. */
    default Optional<String> trouble() {
        return Optional.empty();
    }

    /** Ends what it does of itself, such as renewing a token. What it is still asked it may answer. Does not block. */
    default void retire() {}

    /** Wipes what it got to reach the backend with. */
    @Override
    default void close() {}
}
