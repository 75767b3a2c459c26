package dev.latchkey.agent.injection;

import dev.latchkey.agent.memory.WipedSegment;

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
     * Tries a binding whose version was found; any other stays what it is.
     *
     * @return the binding itself if it could be delivered, else what would come of it
     */
    Resolved of(Resolved binding) {
        if (!(binding instanceof Resolved.Found)) {
            return binding;
        }
        try (Block scratch = new Block(memory, (int) Sizes.most(binding))) {
            return new Opening(scratch).write(binding);
        }
    }
}
