package dev.latchkey.agent.cache;

import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.secret.SecretLocation;
import java.time.Duration;

/** Is told what an operator should know of backends. Must not block. */
public interface BackendNews {
    /** A backend is not asked for a while. */
    void resting(String provider, Duration pause, Failure failure);

    /** A backend that was not asked answers again. */
    void answersAgain(String provider);

    /** A value was served that its backend could not confirm. */
    void servedStale(SecretLocation location, Duration age, Failure failure);

    /** The agent may not renew leases, so all end by themselves. */
    void leasesNotRenewed(String provider, Failure failure);

    /** A lease that somebody holds is renewed no more, and ends by itself. */
    void leaseEnds(SecretLocation location, Duration left);

    /**
     * Nothing more is asked for that comes under a lease, because processes hold as many as are kept.
     *
     * @param count of these
     */
    void leasesFull(String provider, int count);

    /**
     * A lease that nobody holds could not be given back, and ends by itself if it cannot be given back later.
     *
     * @param count leases that there are of the provider
     */
    void leasesNotGivenBack(String provider, int count, Failure failure);
}
