package dev.latchkey.agent.failure;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A backend cannot answer now, and may be able to later. Its kind is {@code PROVIDER_UNAVAILABLE}, {@code TIMED_OUT} or {@code BUSY}. */
public final class UnavailableException extends AgentException {
    private final transient Optional<Duration> retryAfter;

    /**
     * @param retryAfter when the backend wants to be asked again, if it says so
     */
    public UnavailableException(Failure failure, Optional<Duration> retryAfter, @Nullable Throwable cause) {
        super(failure, cause);
        this.retryAfter = retryAfter;
        switch (failure.kind()) {
            case PROVIDER_UNAVAILABLE, TIMED_OUT, BUSY -> {}
            default -> throw new IllegalStateException("asking again does not help against " + failure.kind());
        }
    }

    public UnavailableException(Failure failure) {
        this(failure, Optional.empty(), null);
    }

    public Optional<Duration> retryAfter() {
        return retryAfter;
    }
}
