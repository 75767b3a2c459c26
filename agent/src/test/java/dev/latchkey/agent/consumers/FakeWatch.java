package dev.latchkey.agent.consumers;

import dev.latchkey.agent.workload.PinnedProcess;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;

/** Tells of ends when it is told to, and counts how often it was asked. */
public final class FakeWatch implements ExitWatch {
    private static final long WAKE = 0;

    final Set<Long> watched = ConcurrentHashMap.newKeySet();
    final AtomicInteger waits = new AtomicInteger();
    volatile boolean full;
    volatile boolean closed;
    volatile Optional<Thread> waiter = Optional.empty();
    private final BlockingQueue<Long> ended = new LinkedBlockingQueue<>();

    void end(PinnedProcess process) {
        ended.add(process.identity());
    }

    @Override
    public boolean add(PinnedProcess process) {
        return !full && watched.add(process.identity());
    }

    @Override
    public void remove(PinnedProcess process) {
        if (!watched.remove(process.identity())) {
            throw new IllegalStateException("removed what is not watched");
        }
    }

    @Override
    public int await(long[] into) {
        waits.incrementAndGet();
        waiter = Optional.of(Thread.currentThread());
        try {
            long first = ended.take();
            int count = 0;
            if (first != WAKE) {
                into[count++] = first;
            }
            for (Long more = ended.peek(); more != null && more != WAKE && count < into.length; more = ended.peek()) {
                into[count++] = ended.remove();
            }
            return count;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void wake() {
        ended.add(WAKE);
    }

    @Override
    public void close() {
        closed = true;
    }
}
