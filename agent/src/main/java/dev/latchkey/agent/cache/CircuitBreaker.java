package dev.latchkey.agent.cache;

import dev.latchkey.agent.failure.Failure;
import java.time.Duration;
import java.util.Optional;

/**
 * Lets nothing through for a while after failures in a row, then one attempt: if that succeeds, all; if not, the pause doubles. A backend that says when
 * it wants to be asked again is taken at its word.
 */
final class CircuitBreaker {
    private static final int FAILURES = 5;
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(5);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);

    private int failures;
    private long restsUntil;
    private boolean resting;
    private boolean trying;
    private Optional<Failure> last = Optional.empty();

    /** Whether an attempt may be made; who makes it owes {@link #succeeded} or {@link #failed}. */
    synchronized boolean enter(long now) {
        if (!resting) {
            return true;
        }
        if (trying || restsUntil - now > 0) {
            return false;
        }
        trying = true;
        return true;
    }

    /** Whether it was resting. */
    synchronized boolean succeeded() {
        boolean wasResting = resting;
        failures = 0;
        resting = false;
        trying = false;
        last = Optional.empty();
        return wasResting;
    }

    /** The pause that begins now, if one does. */
    synchronized Optional<Duration> failed(long now, Failure failure, Optional<Duration> retryAfter) {
        failures++;
        last = Optional.of(failure);
        boolean again = trying;
        trying = false;
        Optional<Duration> pause = retryAfter
                .map(asked -> asked.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : asked)
                .or(() -> failures >= FAILURES ? Optional.of(growing()) : Optional.empty());
        if (pause.isPresent() && (!resting || again)) {
            resting = true;
            restsUntil = now + pause.get().toNanos();
            return pause;
        }
        return Optional.empty();
    }

    private Duration growing() {
        int doublings = Math.min(4, failures - FAILURES);
        Duration pause = FIRST_PAUSE.multipliedBy(1L << doublings);
        return pause.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause;
    }

    /** What it last failed with, while it rests. */
    synchronized Optional<Failure> restsBecauseOf() {
        return resting ? last : Optional.empty();
    }

    /** What the last attempt failed with, whether it rests or not. */
    synchronized Optional<Failure> lastFailure() {
        return last;
    }

    /** How long it still rests; zero when an attempt may be made. */
    synchronized Duration rest(long now) {
        return resting ? Duration.ofNanos(Math.max(0, restsUntil - now)) : Duration.ZERO;
    }

    synchronized int failuresInARow() {
        return failures;
    }
}
