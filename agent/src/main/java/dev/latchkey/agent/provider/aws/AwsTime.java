package dev.latchkey.agent.provider.aws;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.Optional;

/** Times as AWS writes them: seconds with decimals. */
final class AwsTime {
    private static final int MILLIS = 3;

    private AwsTime() {}

    /** Absent for what is none. */
    static Optional<Instant> of(Optional<String> text) {
        return text.filter(t -> t.length() <= 24 && t.matches("[0-9]{1,12}(?:\\.[0-9]*)?(?:[eE][0-9]{1,2})?"))
                .map(t -> new BigDecimal(t).scaleByPowerOfTen(MILLIS).toBigInteger())
                .filter(millis -> millis.bitLength() < Long.SIZE - 1)
                .map(millis -> Instant.ofEpochMilli(millis.longValue()));
    }
}
