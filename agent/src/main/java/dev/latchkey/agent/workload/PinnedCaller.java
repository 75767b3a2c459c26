package dev.latchkey.agent.workload;

/** A caller together with the pidfd that keeps its identity from being recycled. Close it when the exchange is over. */
public interface PinnedCaller extends AutoCloseable {
    Caller caller();

    /** Whether the very process that connected is still there; false for ever once it ended. */
    boolean alive();

    /**
     * Who sent the bytes that a read of the caller's socket gets next. SECURITY: a socket can be handed on, and its credentials stay those of whoever
     * connected. Does not block.
     */
    Sender nextSender(int socket);

    /** The caller for one request, in which it presented that. */
    Workload workload(Presented presented);

    @Override
    void close();
}
