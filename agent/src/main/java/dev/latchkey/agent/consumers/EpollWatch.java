package dev.latchkey.agent.consumers;

import dev.latchkey.agent.sys.EpollCalls;
import dev.latchkey.agent.sys.ErrnoException;
import dev.latchkey.agent.sys.SocketCalls;
import dev.latchkey.agent.workload.PinnedProcess;

/**
 * One epoll over pidfds. Locked, so that a process is never watched by a number that was given back; what blocks is not.
 *
 * <p>A descriptor that can always be read from is made beforehand and added to end the wait: when the agent stops there may be none left to make one of.
 */
public final class EpollWatch implements ExitWatch {
    /** The identity of no process. */
    private static final long WAKE = 0;

    private static final int WITHOUT_END = -1;

    private final int epoll;
    private final int ready;
    private boolean closed;

    /**
     * @throws ErrnoException if there is no descriptor left
     */
    public EpollWatch() {
        epoll = EpollCalls.create();
        try {
            ready = EpollCalls.ready();
        } catch (ErrnoException e) {
            SocketCalls.close(epoll);
            throw e;
        }
    }

    @Override
    public synchronized boolean add(PinnedProcess process) {
        if (closed) {
            return false;
        }
        try {
            EpollCalls.add(epoll, process.descriptor(), process.identity());
            return true;
        } catch (ErrnoException e) {
            if (e.errno() == ErrnoException.ENOSPC || e.errno() == ErrnoException.ENOMEM) {
                return false;
            }
            throw e;
        }
    }

    @Override
    public synchronized void remove(PinnedProcess process) {
        if (!closed) {
            EpollCalls.remove(epoll, process.descriptor());
        }
    }

    @Override
    public int await(long[] ended) {
        int count = EpollCalls.await(epoll, ended, WITHOUT_END);
        int processes = 0;
        for (int i = 0; i < count; i++) {
            if (ended[i] != WAKE) {
                ended[processes++] = ended[i];
            }
        }
        return processes;
    }

    @Override
    public synchronized void wake() {
        EpollCalls.add(epoll, ready, WAKE);
    }

    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            SocketCalls.close(epoll);
            SocketCalls.close(ready);
        }
    }
}
