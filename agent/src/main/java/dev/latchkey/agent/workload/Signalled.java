package dev.latchkey.agent.workload;

/** What became of a signal. */
public enum Signalled {
    /** The process got it. */
    SENT,
    /** The process has ended. */
    GONE,
    /** The process is another user's, and the agent may signal its own user's only. */
    NOT_PERMITTED,
    /** The process lives in a PID namespace from which it can be seen that it ends, and which no signal of ours reaches. */
    OUT_OF_REACH
}
