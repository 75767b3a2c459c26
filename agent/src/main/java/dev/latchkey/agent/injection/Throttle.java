package dev.latchkey.agent.injection;

import dev.latchkey.agent.policy.RuleLimits;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Lets through what the limits of one rule let. A rate of 100 a second lets 100 come at once and then one every 10 ms: an instant that
 * every request moves on by its share, and that may run ahead of the clock by the whole time of the rate. Any thread.
 */
final class Throttle {
    private final RuleLimits limits;
    private final LongSupplier nanoTime;
    private long paidUntil;
    private int running;

    Throttle(RuleLimits limits, LongSupplier nanoTime) {
        this.limits = limits;
        this.nanoTime = nanoTime;
        this.paidUntil = nanoTime.getAsLong();
    }

    RuleLimits limits() {
        return limits;
    }

    /** A place for one request, to be given back once by running it; absent where a limit is reached. */
    synchronized Optional<Runnable> enter() {
        boolean full = limits.concurrent().filter(most -> running >= most).isPresent();
        if (full || !pay()) {
            return Optional.empty();
        }
        running++;
        return Optional.of(this::leave);
    }

    private boolean pay() {
        if (limits.rate().isEmpty()) {
            return true;
        }
        RuleLimits.Rate rate = limits.rate().get();
        long now = nanoTime.getAsLong();
        long whole = rate.per().toNanos();
        long share = whole / rate.count();
        // Instants of the monotonic clock may be negative: only their differences mean something.
        long next = (paidUntil - now > 0 ? paidUntil : now) + share;
        if (next - now > whole) {
            return false;
        }
        paidUntil = next;
        return true;
    }

    private synchronized void leave() {
        running--;
    }
}
