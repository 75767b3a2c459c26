package dev.latchkey.agent.audit;

import java.util.List;
import java.util.Optional;

/**
 * What a log is compared with.
 *
 * @param head of a record that must still be there, kept where the writer of the log cannot reach it
 * @param keys whose signatures count; none: whichever one key signed the log
 * @param kept whether the keys were kept elsewhere too: then a log without any checkpoint is none of theirs
 */
public record Trust(Optional<Head> head, List<CheckpointKey> keys, boolean kept) {
    /** Nothing: only accidents can be found. */
    public static final Trust NOTHING = new Trust(Optional.empty(), List.of(), false);

    public Trust {
        keys = List.copyOf(keys);
    }

    /** A head alone. */
    public static Trust in(Head head) {
        return new Trust(Optional.of(head), List.of(), false);
    }

    /** Keys that were kept elsewhere, and no head. */
    public static Trust in(List<CheckpointKey> keys) {
        return new Trust(Optional.empty(), keys, true);
    }
}
