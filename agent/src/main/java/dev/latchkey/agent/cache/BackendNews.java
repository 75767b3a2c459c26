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
}
