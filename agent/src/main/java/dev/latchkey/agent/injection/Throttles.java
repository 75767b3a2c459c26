package dev.latchkey.agent.injection;

import dev.latchkey.agent.policy.Rule;
import dev.latchkey.agent.policy.RuleLimits;
import dev.latchkey.agent.policy.Selection;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The limits of all rules. What a rule has used up stays used up when the configuration is read again, unless its limits changed. Any thread.
 */
final class Throttles {
    private static final Optional<Runnable> UNLIMITED = Optional.of(() -> {});

    private final Map<String, Throttle> ofRule = new ConcurrentHashMap<>();
    private final Map<Long, Runnable> ofGrant = new ConcurrentHashMap<>();
    private final LongSupplier nanoTime;

    Throttles(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** A place for one request of a workload, to be given back once; absent where a limit of its rule is reached. */
    Optional<Runnable> enter(Selection selection) {
        return selection instanceof Selection.Selected(Rule rule)
                        && !rule.limits().isNone()
                ? ofRule.compute(rule.name(), (_, before) -> keepOrReplace(before, rule.limits()))
                        .enter()
                : UNLIMITED;
    }

    private Throttle keepOrReplace(@Nullable Throttle before, RuleLimits limits) {
        return before != null && before.limits().equals(limits) ? before : new Throttle(limits, nanoTime);
    }

    /** Keeps the place of a request until the grant is concluded. */
    void keepUntilConcluded(long grant, Runnable place) {
        ofGrant.put(grant, place);
    }

    void concluded(long grant) {
        Optional.ofNullable(ofGrant.remove(grant)).ifPresent(Runnable::run);
    }
}
