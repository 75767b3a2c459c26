package dev.latchkey.agent.injection;

import dev.latchkey.agent.memory.WipedSegment;
import java.util.Optional;

/**
 * Opens values only to learn whether they could be delivered.
 *
 * <p>SECURITY: each goes into a segment of its own, which is wiped before the next one is opened.
 */
final class Trial {
    private final WipedSegment.Source memory;

    Trial(WipedSegment.Source memory) {
        this.memory = memory;
    }

    /**
     * A binding after its trial.
     *
     * @param binding the one that was tried if it could be delivered, else what would come of it
     * @param size bytes of the value, or of the field that is asked of it; absent: it was not opened
     */
    record Tried(Resolved binding, Optional<Integer> size) {
        static Tried not(Resolved binding) {
            return new Tried(binding, Optional.empty());
        }
    }

    /** Tries a binding whose version was found; any other stays what it is. */
    Tried of(Resolved binding) {
        if (!(binding instanceof Resolved.Found)) {
            return Tried.not(binding);
        }
        try (Block scratch = new Block(memory, (int) Sizes.most(binding))) {
            Opening opening = new Opening(scratch, memory);
            Resolved result = opening.write(binding);
            return new Tried(result, Optional.of(opening.opened()));
        }
    }
}
