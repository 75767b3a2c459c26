package dev.latchkey.agent.admin;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.secret.Namespace;
import dev.latchkey.agent.secret.SecretLocation;
import java.util.Optional;

/** Port: what a launch would get now of what consumers hold. May block on the store, and never asks a backend. */
public interface CurrentVersions {
    /**
     * What a reference without version, field or options means.
     *
     * @throws AgentException {@code BAD_REFERENCE}, {@code BAD_NAME}, {@code UNKNOWN_PROVIDER}
     */
    SecretLocation locate(String reference, Namespace defaults);

    /**
     * What a location of a secret of the store in that place begins with.
     *
     * @throws AgentException {@code UNKNOWN_PROJECT}, {@code UNKNOWN_ENVIRONMENT}
     */
    SecretLocation prefix(Namespace place);

    /**
     * The current version of a secret: absent if it has none that is served, or if that cannot be known without asking a backend.
     *
     * @throws AgentException {@code SECRET_NOT_FOUND}, {@code UNKNOWN_PROJECT} or {@code UNKNOWN_ENVIRONMENT} of what the store has never had
     */
    Optional<String> of(SecretLocation location);
}
