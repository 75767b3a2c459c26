package dev.latchkey.agent.workload.linux;

import dev.latchkey.agent.sys.ErrnoException;
import dev.latchkey.agent.sys.SignalCalls;
import dev.latchkey.agent.sys.SocketCalls;
import dev.latchkey.agent.workload.PinnedProcess;
import dev.latchkey.agent.workload.Signalled;
import java.util.concurrent.atomic.AtomicLong;

/** A pidfd with those who keep it counted. Locked, so that its number is never used after it was given back to the kernel. */
final class Pidfd implements PinnedProcess {
    private static final AtomicLong LAST = new AtomicLong();

    private final int descriptor;
    private final long identity;
    private int users = 1;

    /**
     * @param descriptor is closed by the last of those who keep it; the first is who made this
     */
    Pidfd(int descriptor, long identity) {
        this.descriptor = descriptor;
        this.identity = identity;
    }

    /** An identity that nothing else has. */
    static long newIdentity() {
        return LAST.incrementAndGet();
    }

    /** One more who closes it. */
    synchronized Pidfd kept() {
        if (users == 0) {
            throw new IllegalStateException("a process is kept that was given back");
        }
        users++;
        return this;
    }

    synchronized boolean alive() {
        return users > 0 && SocketCalls.isAlive(descriptor);
    }

    @Override
    public long identity() {
        return identity;
    }

    @Override
    public int descriptor() {
        return descriptor;
    }

    @Override
    public synchronized Signalled signal(int number) {
        // A process that nobody has waited for yet still takes signals, and does nothing any more.
        if (!alive()) {
            return Signalled.GONE;
        }
        try {
            SignalCalls.send(descriptor, number);
            return Signalled.SENT;
        } catch (ErrnoException e) {
            return switch (e.errno()) {
                case ErrnoException.ESRCH -> Signalled.GONE;
                case ErrnoException.EPERM -> Signalled.NOT_PERMITTED;
                case ErrnoException.EINVAL -> Signalled.OUT_OF_REACH;
                default -> throw e;
            };
        }
    }

    @Override
    public synchronized void close() {
        if (users == 0) {
            throw new IllegalStateException("a process is given back more often than it was kept");
        }
        users--;
        if (users == 0) {
            SocketCalls.close(descriptor);
        }
    }
}
