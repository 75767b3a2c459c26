package dev.latchkey.agent.consumers;

import dev.latchkey.agent.workload.PinnedProcess;

/** Port: tells which of the processes that it watches have ended, of each once. Any thread, but for {@link #await}, which is one thread's. */
public interface ExitWatch extends AutoCloseable {
    /**
     * Watches a process, which may have ended already, until it is removed. Does not block.
     *
     * @return whether there was room
     */
    boolean add(PinnedProcess process);

    /** Watches it no more. To be called before the process is given back. */
    void remove(PinnedProcess process);

    /**
     * Blocks until a process ends, or {@link #wake} was called.
     *
     * @param ended gets the identities of some that have ended
     * @return how many
     */
    int await(long[] ended);

    /** From now on nobody blocks. */
    void wake();

    /** To be called when nobody waits any more. */
    @Override
    void close();
}
