package dev.latchkey.agent.consumers;

import dev.latchkey.agent.workload.Caller;
import dev.latchkey.agent.workload.PinnedCaller;
import dev.latchkey.agent.workload.PinnedProcess;
import dev.latchkey.agent.workload.Presented;
import dev.latchkey.agent.workload.Sender;
import dev.latchkey.agent.workload.Signalled;
import dev.latchkey.agent.workload.Supposed;
import dev.latchkey.agent.workload.Workload;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;

/** A process that is its own caller, and counts by how many it is kept. */
public final class FakeProcess implements PinnedProcess, PinnedCaller {
    /** The signals it was sent. */
    public final BlockingQueue<Integer> signals = new LinkedBlockingQueue<>();

    /** What becomes of one. */
    public volatile Signalled result = Signalled.SENT;

    final AtomicInteger kept = new AtomicInteger();
    private final long identity;
    private final Caller caller;

    public FakeProcess(int pid, long uid) {
        this(1_000_000L + pid, pid, uid);
    }

    FakeProcess(long identity, int pid, long uid) {
        this.identity = identity;
        this.caller = new Caller("main", pid, uid, uid, List.of());
    }

    @Override
    public PinnedProcess keep() {
        kept.incrementAndGet();
        return this;
    }

    @Override
    public long identity() {
        return identity;
    }

    @Override
    public int descriptor() {
        return -1;
    }

    @Override
    public Signalled signal(int number) {
        signals.add(number);
        return result;
    }

    @Override
    public void close() {
        if (kept.decrementAndGet() < 0) {
            throw new IllegalStateException("closed more often than kept");
        }
    }

    @Override
    public Caller caller() {
        return caller;
    }

    @Override
    public boolean alive() {
        return true;
    }

    @Override
    public Sender receive(int socket, ByteBuffer into) {
        return Sender.CALLER;
    }

    @Override
    public Workload workload(Presented presented) {
        return new Workload(caller, true, Supposed.Facts.PLAIN, presented);
    }
}
