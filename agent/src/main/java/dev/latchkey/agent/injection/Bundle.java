package dev.latchkey.agent.injection;

import dev.latchkey.agent.memory.WipedSegment;
import java.util.List;
import java.util.Optional;

/**
 * All values for one launch, laid out as the delivery block {@code NAME=VALUE NUL …} in one wiped segment.
 *
 * @param grant the audit record under which it was made
 * @param count entries in the block
 * @param versions what the block holds, for the audit log: one {@code location@version} for each entry that came from a secret
 * @param removed indexes of the bindings whose variable must not be set at all, ascending
 * @param parcel what documents led to: the block has items, with files among them, and these variables must not be set at all
 */
public record Bundle(
        long grant,
        int count,
        List<String> versions,
        List<Integer> removed,
        Optional<List<String>> parcel,
        WipedSegment block)
        implements AutoCloseable {
    public Bundle {
        versions = List.copyOf(versions);
        removed = List.copyOf(removed);
        parcel = parcel.map(List::copyOf);
    }

    /** Of bindings alone. */
    public Bundle(long grant, int count, List<String> versions, List<Integer> removed, WipedSegment block) {
        this(grant, count, versions, removed, Optional.empty(), block);
    }

    /** Wipes the values. */
    @Override
    public void close() {
        block.close();
    }
}
