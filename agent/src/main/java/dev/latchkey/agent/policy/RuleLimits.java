package dev.latchkey.agent.policy;

import java.time.Duration;
import java.util.Optional;

/**
 * How much all callers of a rule together may ask.
 *
 * @param concurrent requests at once, at least 1
 */
public record RuleLimits(Optional<Rate> rate, Optional<Integer> concurrent) {
    public static final RuleLimits NONE = new RuleLimits(Optional.empty(), Optional.empty());

    public RuleLimits {
        if (concurrent.filter(most -> most < 1).isPresent()) {
            throw new IllegalStateException("a limit that lets nothing pass");
        }
    }

    /** Whether it limits nothing. */
    public boolean isNone() {
        return rate.isEmpty() && concurrent.isEmpty();
    }

    /**
     * So many requests in so long a time; as many may come at once.
     *
     * @param count at least 1
     * @param per longer than 0
     */
    public record Rate(int count, Duration per) {
        public Rate {
            if (count < 1 || per.isZero() || per.isNegative()) {
                throw new IllegalStateException("a rate that lets nothing pass");
            }
        }

        @Override
        public String toString() {
            return count + " in " + per.toSeconds() + " s";
        }
    }

    @Override
    public String toString() {
        return rate.map(Rate::toString).orElse("any number") + ", "
                + concurrent.map(most -> most.toString()).orElse("any number") + " at once";
    }
}
