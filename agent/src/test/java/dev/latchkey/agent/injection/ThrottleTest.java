package dev.latchkey.agent.injection;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.latchkey.agent.policy.Policy;
import dev.latchkey.agent.policy.Rule;
import dev.latchkey.agent.policy.RuleLimits;
import dev.latchkey.agent.policy.Rules;
import dev.latchkey.agent.policy.Selection;
import dev.latchkey.agent.workload.Caller;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ThrottleTest {
    private static final RuleLimits ONE = new RuleLimits(Optional.empty(), Optional.of(1));

    private final AtomicLong now = new AtomicLong();

    @ParameterizedTest
    @ValueSource(longs = {0, Long.MAX_VALUE - 500_000_000, Long.MIN_VALUE, -1})
    void letsTheRateComeAtOnceAndThenAsItFlows(long start) {
        now.set(start);
        Throttle throttle = new Throttle(rate(10, Duration.ofSeconds(1)), now::get);

        assertEquals(10, entered(throttle, 20));
        now.addAndGet(Duration.ofMillis(99).toNanos());
        assertEquals(0, entered(throttle, 5));
        now.addAndGet(Duration.ofMillis(1).toNanos());
        assertEquals(1, entered(throttle, 5));
        now.addAndGet(Duration.ofDays(1).toNanos());
        assertEquals(10, entered(throttle, 20));
    }

    @Test
    void letsSoManyRunAtOnce() {
        Throttle throttle = new Throttle(new RuleLimits(Optional.empty(), Optional.of(2)), now::get);

        Runnable first = throttle.enter().orElseThrow();
        assertTrue(throttle.enter().isPresent());
        assertTrue(throttle.enter().isEmpty());
        first.run();
        assertTrue(throttle.enter().isPresent());
        assertTrue(throttle.enter().isEmpty());
    }

    @Test
    void doesNotChargeTheRateForWhatFindsNoPlace() {
        RuleLimits limits = new RuleLimits(Optional.of(new RuleLimits.Rate(2, Duration.ofHours(1))), Optional.of(1));
        Throttle throttle = new Throttle(limits, now::get);

        Runnable first = throttle.enter().orElseThrow();
        assertEquals(0, entered(throttle, 5));
        first.run();
        assertEquals(1, entered(throttle, 1));
    }

    @Test
    void rememberWhatWasUsedUntilTheLimitsOfTheRuleChange() {
        Throttles throttles = new Throttles(now::get);
        Rule rule = Rules.rule("r", Rules.uids(1L));

        assertTrue(throttles.enter(selected(Rules.limited(rule, ONE))).isPresent());
        assertFalse(throttles.enter(selected(Rules.limited(rule, ONE))).isPresent());
        assertTrue(throttles
                .enter(selected(Rules.limited(Rules.rule("other", Rules.uids(2L)), ONE)))
                .isPresent());
        RuleLimits two = new RuleLimits(Optional.empty(), Optional.of(2));
        assertTrue(throttles.enter(selected(Rules.limited(rule, two))).isPresent());
    }

    @Test
    void limitsNobodyWithoutARuleOrWithoutLimits() {
        Throttles throttles = new Throttles(now::get);
        Selection none = Policy.of(List.of()).select(Rules.workload(new Caller("m", 1, 1, 1, List.of())));

        for (int i = 0; i < 100; i++) {
            assertTrue(throttles.enter(none).isPresent());
            assertTrue(
                    throttles.enter(selected(Rules.rule("r", Rules.uids(1L)))).isPresent());
        }
    }

    @Test
    void keepsAPlaceUntilTheGrantIsConcluded() {
        Throttles throttles = new Throttles(now::get);
        Selection limited = selected(Rules.limited(Rules.rule("r", Rules.uids(1L)), ONE));

        throttles.keepUntilConcluded(7, throttles.enter(limited).orElseThrow());
        throttles.concluded(8);
        assertTrue(throttles.enter(limited).isEmpty());
        throttles.concluded(7);
        throttles.concluded(7);
        assertTrue(throttles.enter(limited).isPresent());
        assertTrue(throttles.enter(limited).isEmpty());
    }

    private static Selection selected(Rule rule) {
        return new Selection.Selected(rule);
    }

    private static RuleLimits rate(int count, Duration per) {
        return new RuleLimits(Optional.of(new RuleLimits.Rate(count, per)), Optional.empty());
    }

    private static int entered(Throttle throttle, int attempts) {
        int entered = 0;
        for (int i = 0; i < attempts; i++) {
            entered += throttle.enter().isPresent() ? 1 : 0;
        }
        return entered;
    }
}
