package dev.latchkey.agent.admin.view;

import dev.latchkey.agent.secret.SecretVersion;
import java.time.Instant;
import java.util.Optional;

/** One version of a secret. */
public record VersionView(long version, Instant created, Optional<Instant> expires, boolean current, boolean disabled) {
    public static VersionView of(SecretVersion version) {
        return new VersionView(
                version.number(), version.created(), version.expires(), version.current(), version.disabled());
    }
}
