package dev.latchkey.agent.secret;

import dev.latchkey.agent.failure.AgentException;
import java.util.Optional;

/**
 * A place that has secrets, as an injection sees it: say which secret a reference means, look it up, open it.
 *
 * <p>{@link #locate} is pure and fast, for policy is decided on its result before anything is looked up.
 */
public interface SecretProvider {
    /** The name in the configuration, {@code [a-z][a-z0-9-]*}. */
    String name();

    /**
     * Which secret the reference means.
     *
     * @param defaults where a name without project and environment lives
     * @throws AgentException of kind {@code BAD_NAME} if its path cannot name a secret here, {@code BAD_REFERENCE} if its version cannot be one
     */
    SecretLocation locate(SecretReference reference, Namespace defaults);

    /** Whether its secrets can have scopes. */
    default boolean hasScopes() {
        return false;
    }

    /**
     * Looks the secret up without opening it. May block.
     *
     * @param location from {@link #locate} of this provider
     * @param version in the provider's own form; absent: the current one
     * @throws AgentException if the provider cannot answer: {@code PROVIDER_UNAVAILABLE}, {@code TIMED_OUT}
     */
    Lookup find(SecretLocation location, Optional<String> version);

    /** The same, by a provider that keeps what it fetched: nothing that it kept may be older than asked. */
    default Lookup find(SecretLocation location, Optional<String> version, Freshness freshness) {
        return find(location, version);
    }

    /**
     * Whether {@link #find} would now find a small value that can be opened at once, without waiting for anything. A hint: by the time of the
     * look-up it may have changed. Never blocks.
     */
    default boolean isAtHand(SecretLocation location, Optional<String> version) {
        return false;
    }
}
