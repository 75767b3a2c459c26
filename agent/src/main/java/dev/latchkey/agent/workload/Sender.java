package dev.latchkey.agent.workload;

/** Who sent what was read. */
public enum Sender {
    /** The very process that connected, as far as the kernel can tell. */
    CALLER,
    /** Another process, or one that sent descriptors along. */
    ANOTHER,
    /** Nobody: nothing has come yet. */
    NOBODY,
    /** Nobody, and nobody will: the connection is at its end. */
    NOBODY_ANY_MORE,
    /** It cannot be told now. */
    UNKNOWN
}
