package dev.latchkey.agent.injection;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.injection.Judged.Cleared;
import dev.latchkey.agent.memory.WipedSegment;
import java.nio.charset.StandardCharsets;

/**
 * Opens values one by one into a block: field, decoding, encoding, limits.
 *
 * <p>SECURITY: a value without options is opened where it is delivered from. Of the others at most one is open at any time.
 */
final class Opening {
    private final Block block;
    private final Conversion conversion;
    private int opened;

    Opening(Block block, WipedSegment.Source memory) {
        this.block = block;
        this.conversion = new Conversion(memory);
    }

    /**
     * Writes the entry of one binding.
     *
     * @return the binding itself if it was written, else what came of it
     * @throws AgentException {@code BUNDLE_TOO_LARGE}
     */
    Resolved write(Resolved binding) {
        return switch (binding) {
            case Resolved.Found found -> writeValue(found);
            case Resolved.Defaulted defaulted -> writeDefault(defaulted);
            case Resolved.Removed _, Resolved.Failed _ -> binding;
        };
    }

    /** The bytes of the value that was opened last, before decoding and encoding: of the field, where one is asked. */
    int opened() {
        return opened;
    }

    private Resolved writeValue(Resolved.Found found) {
        Cleared cleared = found.cleared();
        block.begin(cleared.binding().target());
        try {
            Sizes.exact(cleared, found.secret())
                    .ifPresentOrElse(
                            size -> block.open(found.secret(), size),
                            () -> opened = conversion.write(found.secret(), cleared.reference(), block));
            block.end();
            return found;
        } catch (AgentException refused) {
            block.drop();
            if (refused.kind() == FailureKind.BUNDLE_TOO_LARGE) {
                throw refused;
            }
            Resolved instead = Resolved.absent(cleared, refused.failure());
            return instead instanceof Resolved.Defaulted text ? writeDefault(text) : instead;
        }
    }

    /** A default is delivered as it is written: neither decoded nor encoded. */
    private Resolved writeDefault(Resolved.Defaulted defaulted) {
        block.begin(defaulted.cleared().binding().target());
        block.put(defaulted.text().getBytes(StandardCharsets.UTF_8));
        block.end();
        return defaulted;
    }
}
