package dev.latchkey.agent.policy;

import dev.latchkey.agent.workload.Capability;
import dev.latchkey.agent.workload.Workload;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** One property that a rule asks of a caller: any of its values is enough. Rules have at most one of each kind. */
public sealed interface Selector permits CallerSelector, CommandSelector, ProcessSelector, TokenSelector {
    /** As the configuration calls it. */
    String key();

    /** Learns of the property only now, and only what it needs. */
    Verdict test(Workload workload);

    /** In words why it does not fit; meant for one that {@link #test} did not find to fit. */
    String mismatch(Workload workload);

    /** Whether whatever fits the other, which is of the same kind, fits this one too. */
    boolean covers(Selector other);

    /** Its values, in an order of their own. */
    List<String> values();

    /** Whether one that covers another always has all of the other's {@link #values}. */
    default boolean coversByValue() {
        return true;
    }

    /** What the machine must be able to do for it. */
    default Set<Capability> needs() {
        return Set.of();
    }

    /** Whether a caller whose pid cannot be seen never fits. */
    default boolean needsPid() {
        return false;
    }

    /** {@code is not A} or {@code is not one of A, B}. */
    static String isNot(Collection<?> wanted) {
        return (wanted.size() == 1 ? " is not " : " is not one of ") + listed(wanted);
    }

    static String listed(Collection<?> values) {
        return values.stream().sorted().map(String::valueOf).collect(Collectors.joining(", "));
    }
}
