package dev.latchkey.agent.secret;

import java.time.Duration;

/** It ends by itself, whoever holds what came under it. */
record UnattendedLease(Duration left) implements Lease {
    /** Of what is not counted. */
    private record Uncounted(Lease lease) implements Hold {
        @Override
        public void close() {
            // The lease ends by itself.
        }

        @Override
        public void leave() {
            // It is left already.
        }
    }

    @Override
    public Hold hold() {
        return new Uncounted(this);
    }
}
