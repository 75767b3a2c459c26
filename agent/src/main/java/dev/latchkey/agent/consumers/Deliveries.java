package dev.latchkey.agent.consumers;

import dev.latchkey.agent.secret.Holding;
import dev.latchkey.agent.workload.PinnedCaller;
import java.util.List;

/** Is told of every bundle that was handed over. */
@FunctionalInterface
public interface Deliveries {
    /**
     * The caller has got all of these. Does not block and does not fail: a process that cannot be followed is one that is served like any other.
     *
     * @param caller not closed yet
     * @param workload the rule that let it have them
     * @param holdings are taken over
     */
    void delivered(PinnedCaller caller, String workload, List<Holding> holdings);
}
