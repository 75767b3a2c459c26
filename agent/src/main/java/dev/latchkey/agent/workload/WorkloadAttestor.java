package dev.latchkey.agent.workload;

import dev.latchkey.agent.failure.AgentException;
import java.util.OptionalLong;

/** Learns from the kernel who a peer is. Does not block. */
public interface WorkloadAttestor {
    /** Prepares a socket before the first peer can reach it. */
    void listening(int socket);

    /** The effective uid that a peer connected with; absent where the kernel does not say. Costs one system call. */
    OptionalLong uid(int socket);

    /**
     * Takes the peer's credentials and pins its process. To be called before the first byte is read.
     *
     * @param socket the descriptor of an accepted connection; stays the caller's
     * @param entrance the socket it came in by
     * @throws AgentException of kind {@code CALLER_UNKNOWN}, or {@code BUSY} if there is no descriptor left to pin it with
     */
    PinnedCaller attest(int socket, Entrance entrance);
}
