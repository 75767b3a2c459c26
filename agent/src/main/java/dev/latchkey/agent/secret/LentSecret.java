package dev.latchkey.agent.secret;

import java.time.Duration;
import java.util.Optional;

/** A value that its backend ends by itself. */
public record LentSecret(HeldSecret secret, Duration leased) implements SameSecret {
    @Override
    public Optional<Lease> lease() {
        return Optional.of(Lease.unattended(leased));
    }
}
