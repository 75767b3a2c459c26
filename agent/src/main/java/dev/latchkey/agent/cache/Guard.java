package dev.latchkey.agent.cache;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.failure.UnavailableException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * The only way to one backend: how many requests, how fast, how often again, how long in all. An answer, be it that there is nothing or nothing for us,
 * is a success of the backend; only where it could not answer is it asked again.
 */
public final class Guard {
    private static final Duration FIRST_PAUSE = Duration.ofMillis(200);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(2);

    /** What is an answer, and yet worth an operator's look. */
    private static final Set<FailureKind> REFUSALS =
            Set.of(FailureKind.PROVIDER_DENIED, FailureKind.PROVIDER_MALFORMED);

    private final String name;
    private final Limits limits;
    private final Clockwork clockwork;
    private final BackendNews news;
    private final CircuitBreaker breaker = new CircuitBreaker();
    private final TokenBucket bucket;
    private final Semaphore places;
    private volatile Optional<Failure> refusal = Optional.empty();

    public Guard(String name, Limits limits, Clockwork clockwork, BackendNews news) {
        this.name = name;
        this.limits = limits;
        this.clockwork = clockwork;
        this.news = news;
        this.bucket = new TokenBucket(limits.requests(), limits.per(), clockwork.now());
        this.places = new Semaphore(limits.concurrent());
    }

    /**
     * How much is done for an answer.
     *
     * @param within in all
     */
    record Effort(Duration within, int retries) {}

    Effort full() {
        return new Effort(limits.timeout(), limits.retries());
    }

    /** No more than that in all: for who has something to go on with. */
    Effort brief(Duration most) {
        return new Effort(limits.timeout().compareTo(most) < 0 ? limits.timeout() : most, limits.retries());
    }

    <T> T call(Function<Duration, T> attempt) {
        return call(full(), attempt);
    }

    /**
     * Calls until there is an answer.
     *
     * @param attempt gets the time that is left
     * @throws UnavailableException if there is none within the time and the retries, or the backend rests
     * @throws AgentException as the attempt
     */
    <T> T call(Effort effort, Function<Duration, T> attempt) {
        long deadline = clockwork.now() + effort.within().toNanos();
        for (int retry = 0; ; retry++) {
            try {
                return attempted(attempt, deadline);
            } catch (Attempted failed) {
                Duration pause = pause(retry, failed.cause.retryAfter());
                boolean inTime = clockwork.now() + pause.toNanos() - deadline < 0;
                if (retry >= effort.retries() || !inTime || isResting()) {
                    throw failed.cause;
                }
                sleep(pause);
            }
        }
    }

    /** Whether the backend does not rest. */
    boolean isAsked() {
        return breaker.restsBecauseOf().isEmpty();
    }

    /** What it failed with when it was last asked, if it did. */
    Optional<Failure> lastFailure() {
        return breaker.lastFailure();
    }

    /** As {@code status} shows it: {@code ok}, why the backend is not asked, or what was wrong when it was last asked. */
    public String state() {
        return breaker.restsBecauseOf()
                .map(failure -> (isResting()
                                ? "not asked for " + seconds(breaker.rest(clockwork.now()))
                                : "asked again by the next request")
                        + " after " + breaker.failuresInARow() + " failures: " + failure.message())
                .or(() -> breaker.lastFailure()
                        .map(failure -> "failing (" + breaker.failuresInARow() + " in a row, still asked): "
                                + failure.message()))
                .or(() -> refusal.map(failure -> "answers, but not what was last asked: " + failure.message()))
                .orElse("ok");
    }

    private <T> T attempted(Function<Duration, T> attempt, long deadline) throws Attempted {
        awaitTurn(deadline);
        try {
            if (!breaker.enter(clockwork.now())) {
                throw resting();
            }
            return asked(attempt, deadline);
        } finally {
            places.release();
        }
    }

    private <T> T asked(Function<Duration, T> attempt, long deadline) throws Attempted {
        boolean answered = true;
        try {
            T answer = attempt.apply(left(deadline));
            refusal = Optional.empty();
            return answer;
        } catch (UnavailableException e) {
            answered = false;
            breaker.failed(clockwork.now(), e.failure(), e.retryAfter())
                    .ifPresent(pause -> news.resting(name, pause, e.failure()));
            throw new Attempted(e);
        } catch (AgentException e) {
            refusal = Optional.of(e.failure()).filter(failure -> REFUSALS.contains(failure.kind()));
            throw e;
        } finally {
            // INVARIANT: whatever else ends an attempt ends it for the breaker too, or a backend that rests would never
            // be tried again.
            if (answered && breaker.succeeded()) {
                news.answersAgain(name);
            }
        }
    }

    private void awaitTurn(long deadline) {
        long most = Math.max(0, deadline - clockwork.now());
        try {
            if (!places.tryAcquire(most, TimeUnit.NANOSECONDS)) {
                throw busy("too many requests to " + name + " run at once");
            }
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
        boolean paid = false;
        try {
            long wait = bucket.take(clockwork.now(), Math.max(0, deadline - clockwork.now()));
            if (wait < 0) {
                throw busy("the limit of requests to " + name + " is reached");
            }
            sleep(Duration.ofNanos(wait));
            paid = true;
        } finally {
            if (!paid) {
                places.release();
            }
        }
    }

    private Duration left(long deadline) {
        long left = deadline - clockwork.now();
        if (left <= 0) {
            throw new UnavailableException(Failure.of(FailureKind.TIMED_OUT, name + " could not be asked in time"));
        }
        return Duration.ofNanos(left);
    }

    /** Half of it by chance, so that those who failed together do not come again together. */
    private Duration pause(int retry, Optional<Duration> retryAfter) {
        Duration doubled = FIRST_PAUSE.multipliedBy(1L << Math.min(retry, 10));
        Duration most = doubled.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : doubled;
        long nanos = (long) (most.toNanos() * (0.5 + clockwork.jitter().getAsDouble() / 2));
        return retryAfter.filter(asked -> asked.toNanos() > nanos).orElse(Duration.ofNanos(nanos));
    }

    private boolean isResting() {
        return breaker.rest(clockwork.now()).isPositive();
    }

    private UnavailableException resting() {
        return new UnavailableException(Failure.of(
                FailureKind.PROVIDER_UNAVAILABLE,
                breaker.restsBecauseOf().map(Failure::message).orElse(name + " is being tried again"),
                "after " + breaker.failuresInARow() + " failures " + name
                        + (isResting()
                                ? " is not asked for " + seconds(breaker.rest(clockwork.now()))
                                : " is being asked again by another request")));
    }

    private static UnavailableException busy(String message) {
        return new UnavailableException(Failure.of(FailureKind.BUSY, message));
    }

    private void sleep(Duration pause) {
        if (pause.isZero()) {
            return;
        }
        try {
            clockwork.pause().sleep(pause);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    private UnavailableException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new UnavailableException(
                Failure.of(FailureKind.PROVIDER_UNAVAILABLE, "waiting for " + name + " was given up"),
                Optional.empty(),
                e);
    }

    private static String seconds(Duration duration) {
        return (duration.toMillis() + 999) / 1000 + " s";
    }

    /** An attempt without an answer. */
    private static final class Attempted extends Exception {
        private final transient UnavailableException cause;

        Attempted(UnavailableException cause) {
            super(cause.getMessage(), cause, false, false);
            this.cause = cause;
        }
    }
}
