package dev.latchkey.agent.injection;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.memory.WipedSegment;
import dev.latchkey.agent.secret.FoundSecret;
import java.util.ArrayList;
import java.util.List;

/** Makes the bundle of bindings of which none is denied: complete, or not at all. */
final class Assembly {
    private final WipedSegment.Source memory;
    private final Trial trial;

    Assembly(WipedSegment.Source memory) {
        this.memory = memory;
        this.trial = new Trial(memory);
    }

    /** Opens every value; whatever fails is told, and then no value is left in memory. */
    InjectionResult assemble(long grant, List<Resolved> bindings) {
        if (Refusals.anyOf(bindings)) {
            // Nothing will be delivered; the others are tried so that everything that is wrong is told at once.
            return Refusals.of(
                    bindings.stream().map(trial::of).map(Trial.Tried::binding).toList());
        }
        if (Sizes.exceedBlock(bindings)) {
            return Refusals.ofRequest(Sizes.bundleTooLarge());
        }
        try (Block block = new Block(memory, (int) Math.min(Sizes.mostOf(bindings), Sizes.MAX_BLOCK))) {
            Opening opening = new Opening(block, memory);
            List<Resolved> written = new ArrayList<>(bindings.size());
            for (Resolved binding : bindings) {
                written.add(opening.write(binding));
            }
            return Refusals.anyOf(written) ? Refusals.of(written) : delivered(grant, written, block);
        } catch (AgentException tooLarge) {
            return Refusals.ofRequest(tooLarge.failure());
        }
    }

    private static InjectionResult delivered(long grant, List<Resolved> written, Block block) {
        Inventory inventory = new Inventory();
        List<String> versions = new ArrayList<>();
        List<Integer> removed = new ArrayList<>();
        for (int index = 0; index < written.size(); index++) {
            switch (written.get(index)) {
                case Resolved.Found(Judged.Cleared cleared, FoundSecret secret) ->
                    versions.add(inventory.add(cleared, secret)
                            + secret.stale().map(_ -> " (stale)").orElse(""));
                case Resolved.Removed _ -> removed.add(index);
                case Resolved.Defaulted _, Resolved.Failed _ -> {}
            }
        }
        int count = written.size() - removed.size();
        WipedSegment entries = block.finish();
        return new InjectionResult.Delivered(new Bundle(grant, count, inventory.contents(versions), removed, entries));
    }
}
