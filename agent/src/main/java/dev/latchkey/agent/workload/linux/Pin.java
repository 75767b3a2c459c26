package dev.latchkey.agent.workload.linux;

import dev.latchkey.agent.sys.ErrnoException;
import dev.latchkey.agent.sys.SocketCalls;
import dev.latchkey.agent.workload.Caller;
import dev.latchkey.agent.workload.PinnedCaller;
import dev.latchkey.agent.workload.PinnedProcess;
import dev.latchkey.agent.workload.Presented;
import dev.latchkey.agent.workload.Sender;
import dev.latchkey.agent.workload.Workload;
import java.nio.ByteBuffer;
import java.util.Optional;

/** A caller and its pidfd. */
final class Pin implements PinnedCaller {
    private final Connector connector;
    private final boolean strict;
    private final SenderCheck senders;
    private final long identity;
    private final Pidfd process;
    private boolean closed;

    /**
     * Who connected.
     *
     * @param launcherGroup the group that only a launcher has there
     */
    record Connector(Caller caller, Optional<Long> launcherGroup) {}

    /**
     * @param strict whether the kernel itself handed out the pidfd of whoever connected
     * @param pidfd is closed with this and with all that keep the process, or before a failure leaves here
     */
    Pin(Connector connector, boolean strict, SenderCheck senders, int pidfd) {
        this.connector = connector;
        this.strict = strict;
        this.senders = senders;
        try {
            this.identity = senders.identity(connector.caller(), pidfd);
        } catch (ErrnoException e) {
            SocketCalls.close(pidfd);
            throw e;
        }
        this.process = new Pidfd(pidfd, senders.lastingIdentity(identity));
    }

    @Override
    public Caller caller() {
        return connector.caller();
    }

    @Override
    public Sender receive(int socket, ByteBuffer into) {
        return senders.receive(socket, into, identity);
    }

    @Override
    public Workload workload(Presented presented) {
        return new Workload(caller(), strict, new ProcessFiles(connector, this::alive), presented);
    }

    @Override
    public synchronized boolean alive() {
        return !closed && process.alive();
    }

    @Override
    public PinnedProcess keep() {
        return process.kept();
    }

    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            process.close();
        }
    }
}
