package dev.latchkey.agent.injection;

import dev.latchkey.agent.secret.Lease;
import java.time.Duration;

/** Counts its holders. */
final class FakeLease implements Lease {
    int holds;

    @Override
    public Duration left() {
        return Duration.ofHours(1);
    }

    @Override
    public Hold hold() {
        holds++;
        return new Hold() {
            @Override
            public Lease lease() {
                return FakeLease.this;
            }

            @Override
            public void close() {
                holds--;
            }

            @Override
            public void leave() {
                throw new IllegalStateException("an injection leaves no lease to itself");
            }
        };
    }
}
