package dev.latchkey.agent.cache;

import java.time.Duration;

/** Lets a number of requests through at once and then one for each share of its time: an instant that every request moves on. */
final class TokenBucket {
    private final long whole;
    private final long share;
    private long paidUntil;

    TokenBucket(int requests, Duration per, long now) {
        this.whole = per.toNanos();
        this.share = Math.max(1, whole / requests);
        this.paidUntil = now;
    }

    /** Takes a place, and says how long to wait before using it; negative, and none taken, if that is longer than the most. */
    synchronized long take(long now, long most) {
        long next = (paidUntil - now > 0 ? paidUntil : now) + share;
        long wait = Math.max(0, next - now - whole);
        if (wait > most) {
            return -1;
        }
        paidUntil = next;
        return wait;
    }
}
