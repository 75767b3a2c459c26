package dev.latchkey.agent.injection;

import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * How much each uid may have written to the audit log about requests that were refused: some at once, and a little more every second.
 * SECURITY: who is allowed nothing must not be able to fill the disk, and with it stop every grant. Any thread.
 */
final class RefusalBudget {
    private static final long SECOND = 1_000_000_000;

    private final long burst;
    private final long perSecond;
    private final LongSupplier nanoTime;
    private final Map<Long, Long> spent = new HashMap<>();
    private long last;

    /**
     * @param burst bytes
     * @param perSecond bytes that become free again
     */
    RefusalBudget(long burst, long perSecond, LongSupplier nanoTime) {
        this.burst = burst;
        this.perSecond = perSecond;
        this.nanoTime = nanoTime;
        this.last = nanoTime.getAsLong();
    }

    /** Whether that uid may have so many bytes written; a single record is never too large for a budget that is whole. */
    synchronized boolean take(long uid, long bytes) {
        recover();
        long before = spent.getOrDefault(uid, 0L);
        if (before > 0 && before + bytes > burst) {
            return false;
        }
        spent.put(uid, before + bytes);
        return true;
    }

    /** Whole seconds only, and what is left over counts for the next time. */
    private void recover() {
        long seconds = (nanoTime.getAsLong() - last) / SECOND;
        if (seconds > 0) {
            last += seconds * SECOND;
            long free = seconds > Long.MAX_VALUE / perSecond ? Long.MAX_VALUE : seconds * perSecond;
            spent.replaceAll((_, bytes) -> bytes - Math.min(bytes, free));
            spent.values().removeIf(bytes -> bytes == 0);
        }
    }
}
