package dev.latchkey.agent.injection;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class RefusalBudgetTest {
    private final AtomicLong now = new AtomicLong(-5);
    private final RefusalBudget budget = new RefusalBudget(100, 10, now::get);

    @Test
    void oneUserCannotSpendMoreThanTheBurst() {
        assertTrue(budget.take(1, 60));
        assertTrue(budget.take(1, 40));
        assertFalse(budget.take(1, 1));
        assertTrue(budget.take(2, 100), "another user's is its own");
    }

    @Test
    void comesBackWithTimeAndNeverExceedsTheBurst() {
        assertTrue(budget.take(1, 100));
        pass(Duration.ofMillis(999));
        assertFalse(budget.take(1, 10));
        pass(Duration.ofMillis(1));
        assertTrue(budget.take(1, 10));
        assertFalse(budget.take(1, 1));
        pass(Duration.ofDays(20_000));
        assertTrue(budget.take(1, 100));
        assertFalse(budget.take(1, 1));
    }

    @Test
    void aRecordLargerThanTheBurstIsWrittenOnceInAWhile() {
        assertTrue(budget.take(1, 250));
        pass(Duration.ofSeconds(24));
        assertFalse(budget.take(1, 101));
        pass(Duration.ofSeconds(1));
        assertTrue(budget.take(1, 250));
    }

    private void pass(Duration time) {
        now.addAndGet(time.toNanos());
    }
}
