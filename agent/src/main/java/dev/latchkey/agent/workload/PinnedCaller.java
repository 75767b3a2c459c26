package dev.latchkey.agent.workload;

/** A caller together with the pidfd that keeps its identity from being recycled. Close it when the exchange is over. */
public interface PinnedCaller extends AutoCloseable {
    Caller caller();

    /** Whether the very process that connected is still there; false for ever once it ended. */
    boolean alive();

    @Override
    void close();
}
