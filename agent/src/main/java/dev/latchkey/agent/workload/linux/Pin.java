package dev.latchkey.agent.workload.linux;

import dev.latchkey.agent.sys.SocketCalls;
import dev.latchkey.agent.workload.Caller;
import dev.latchkey.agent.workload.PinnedCaller;

/** A caller and its pidfd. Locked, so that a descriptor number is never asked after it was given back. */
final class Pin implements PinnedCaller {
    private static final int CLOSED = -1;

    private final Caller caller;
    private int pidfd;

    Pin(Caller caller, int pidfd) {
        this.caller = caller;
        this.pidfd = pidfd;
    }

    @Override
    public Caller caller() {
        return caller;
    }

    @Override
    public synchronized boolean alive() {
        return pidfd != CLOSED && SocketCalls.isAlive(pidfd);
    }

    @Override
    public synchronized void close() {
        if (pidfd != CLOSED) {
            SocketCalls.close(pidfd);
            pidfd = CLOSED;
        }
    }
}
