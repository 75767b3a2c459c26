package dev.latchkey.agent.admin.view;

/** The last record of the audit log: its number, and its hash in lower-case hex. */
public record HeadView(long sequence, String hash) {
    /** {@code SEQ:HASH}, to be kept elsewhere. */
    public String text() {
        return sequence + ":" + hash;
    }
}
