package dev.latchkey.agent.workload;

/** Whose bytes are read next. */
public enum Sender {
    /** Those of the very process that connected, as far as the kernel can tell. */
    CALLER,
    /** Those of another process, or of one that sent descriptors along. */
    ANOTHER,
    /** There are none yet. */
    NOBODY,
    /** It cannot be told now. */
    UNKNOWN
}
