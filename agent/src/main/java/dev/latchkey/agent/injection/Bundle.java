package dev.latchkey.agent.injection;

import dev.latchkey.agent.memory.WipedSegment;
import dev.latchkey.agent.secret.Holding;
import java.util.List;
import java.util.Optional;

/**
 * All values for one launch, laid out as the delivery block {@code NAME=VALUE NUL …} in one wiped segment.
 *
 * @param grant the audit record under which it was made
 * @param count entries in the block
 * @param contents what the block holds
 * @param removed indexes of the bindings whose variable must not be set at all, ascending
 * @param parcel what documents led to: the block has items, with files among them, and these variables must not be set at all
 */
public record Bundle(
        long grant,
        int count,
        Contents contents,
        List<Integer> removed,
        Optional<List<String>> parcel,
        WipedSegment block)
        implements AutoCloseable {
    public Bundle {
        removed = List.copyOf(removed);
        parcel = parcel.map(List::copyOf);
    }

    /** Of bindings alone. */
    public Bundle(long grant, int count, Contents contents, List<Integer> removed, WipedSegment block) {
        this(grant, count, contents, removed, Optional.empty(), block);
    }

    /**
     * What a bundle holds, without values.
     *
     * @param workload the rule under which it was made; empty if it holds no secret
     * @param versions for the audit log: one {@code location@version} for each entry that came from a secret
     * @param holdings each version once. INVARIANT: whoever learns how the hand-over ended, ends them or says who has them
     */
    public record Contents(String workload, List<String> versions, List<Holding> holdings) {
        public Contents {
            versions = List.copyOf(versions);
            holdings = List.copyOf(holdings);
        }
    }

    /** Wipes the values. The holdings stay. */
    @Override
    public void close() {
        block.close();
    }
}
