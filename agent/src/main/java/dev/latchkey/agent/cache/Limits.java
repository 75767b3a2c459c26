package dev.latchkey.agent.cache;

import java.time.Duration;

/**
 * How hard a backend may be asked.
 *
 * @param timeout of one look-up with everything in it, from the first attempt to the last
 * @param retries further attempts where asking again may help
 * @param requests so many attempts in {@code per}, as many of them at once
 * @param concurrent attempts that run at once
 */
public record Limits(Duration timeout, int retries, int requests, Duration per, int concurrent) {
    public Limits {
        if (requests < 1 || concurrent < 1 || retries < 0 || timeout.isZero() || per.isZero()) {
            throw new IllegalStateException("limits that let nothing through");
        }
    }
}
