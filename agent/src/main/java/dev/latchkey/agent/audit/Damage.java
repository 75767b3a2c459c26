package dev.latchkey.agent.audit;

import java.util.Locale;

/** What can be wrong with a log. */
public enum Damage {
    /** A line is no record, is not the one that was written, or is not the one that the next record follows. */
    CHANGED,
    /** A record with a number that was there already. */
    INSERTED,
    /** Records or files are not there, and the agent did not remove them. */
    REMOVED,
    /** The record that is expected comes later. */
    REORDERED,
    /** More records than the agent leaves unsigned, or a file that does not end with a checkpoint. */
    CHECKPOINT_MISSING,
    /** A checkpoint that its key did not sign, or a key that is not trusted. */
    SIGNATURE,
    /** The last line has no end. */
    CUT,
    /** The head that was given is of a record that is older than what is kept. */
    NOT_KEPT;

    /** As it is printed: {@code checkpoint-missing}. */
    public String text() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
