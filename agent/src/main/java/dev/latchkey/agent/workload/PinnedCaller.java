package dev.latchkey.agent.workload;

import java.nio.ByteBuffer;

/** A caller together with the pidfd that keeps its identity from being recycled. Close it when the exchange is over. */
public interface PinnedCaller extends AutoCloseable {
    Caller caller();

    /** Whether the very process that connected is still there; false for ever once it ended. */
    boolean alive();

    /**
     * Reads what has come by the caller's socket, and says who sent it: the bytes of one sender at most. SECURITY: a socket can be handed on, and its
     * credentials stay those of whoever connected. Does not block.
     *
     * @param into direct, with room; its position moves on by what came, whoever sent it
     */
    Sender receive(int socket, ByteBuffer into);

    /** The caller for one request, in which it presented that. */
    Workload workload(Presented presented);

    /** Its process, for as long as whoever asked wants it, also when this is closed long since; to be closed by whoever asked. */
    PinnedProcess keep();

    @Override
    void close();
}
