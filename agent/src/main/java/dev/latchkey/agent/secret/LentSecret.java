package dev.latchkey.agent.secret;

import java.time.Duration;
import java.util.Optional;

/**
 * A value that its backend ends by itself.
 *
 * @param leased for how long it was given
 * @param lender who can be asked for more time, and told that it is needed no more; absent: nobody
 */
public record LentSecret(HeldSecret secret, Duration leased, Optional<Lender> lender) implements SameSecret {
    /** One that just ends. */
    public LentSecret(HeldSecret secret, Duration leased) {
        this(secret, leased, Optional.empty());
    }

    /** As it is until somebody keeps it up. */
    @Override
    public Optional<Lease> lease() {
        return Optional.of(Lease.unattended(leased));
    }
}
