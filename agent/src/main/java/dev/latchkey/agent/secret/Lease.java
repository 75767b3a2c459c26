package dev.latchkey.agent.secret;

import java.time.Duration;

/**
 * What a backend ends by itself after a while. Kept up while somebody holds what came under it, and given back when nobody does. Any thread.
 *
 * <p>Who delivers what came under a lease to a process that cannot be followed must neither close its hold, for the process may use it still, nor keep it
 * up for ever: it leaves the lease to end by itself, {@link Hold#leave}.
 */
public interface Lease {
    /** How long it may be used from now on, as far as is known now. */
    Duration left();

    /** Counts one holder until the hold is ended, whatever becomes of the lease meanwhile. */
    Hold hold();

    /** That somebody holds what came under a lease. The first of its two ends counts; neither blocks or throws. */
    interface Hold extends AutoCloseable {
        /** Nobody holds it here any more. */
        @Override
        void close();

        /** Whether somebody holds it will never be known, so the lease is neither kept up for it nor ever given back. */
        void leave();

        /** Of what; two leases are told apart by being two, whatever came under them. */
        Lease lease();
    }

    /** One that nobody keeps up or gives back. */
    static Lease unattended(Duration left) {
        return new UnattendedLease(left);
    }
}
