package dev.latchkey.agent.memory;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.sys.ErrnoException;
import dev.latchkey.agent.sys.MemoryCalls;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * Makes segments that are anonymous mappings, one each: locked where the limit allows, left out of core dumps, empty in a forked child,
 * zeroed when closed. A segment that is never closed is a leak that lasts as long as the process; nothing collects it.
 */
public final class LockedMemory implements WipedSegment.Source {
    private final long page = MemoryCalls.pageSize();
    private final AtomicBoolean reported = new AtomicBoolean();
    private final Consumer<String> notLocked;

    /**
     * @param notLocked hears, at most once, why memory cannot be locked
     */
    public LockedMemory(Consumer<String> notLocked) {
        this.notLocked = notLocked;
    }

    /**
     * @throws AgentException of kind {@code BUSY} if the machine has no memory left
     */
    @Override
    public WipedSegment allocate(int bytes) {
        if (bytes < 0) {
            throw new IllegalStateException("a segment of " + bytes + " bytes");
        }
        long mapped = Math.max(1, Math.ceilDiv(bytes, page)) * page;
        long address = map(mapped);
        try {
            protect(address, mapped);
            return new Mapping(address, mapped, MemoryCalls.view(address, bytes));
        } catch (RuntimeException | Error e) {
            MemoryCalls.unmap(address, mapped);
            throw e;
        }
    }

    private static long map(long bytes) {
        try {
            return MemoryCalls.map(bytes);
        } catch (ErrnoException e) {
            throw new AgentException(Failure.of(FailureKind.BUSY, "no memory for " + bytes + " bytes of values"), e);
        }
    }

    private void protect(long address, long bytes) {
        MemoryCalls.excludeFromDumps(address, bytes);
        MemoryCalls.wipeOnFork(address, bytes);
        try {
            MemoryCalls.lock(address, bytes);
        } catch (ErrnoException e) {
            if (reported.compareAndSet(false, true)) {
                notLocked.accept("memory for values cannot be locked: " + e.getMessage());
            }
        }
    }

    /** One mapping. Closing may race with closing, not with use. */
    private static final class Mapping implements WipedSegment {
        private final long address;
        private final long bytes;
        private final ByteBuffer view;
        private final AtomicBoolean closed = new AtomicBoolean();

        Mapping(long address, long bytes, ByteBuffer view) {
            this.address = address;
            this.bytes = bytes;
            this.view = view;
        }

        @Override
        public ByteBuffer buffer() {
            if (closed.get()) {
                throw new IllegalStateException("a segment was used after it was closed");
            }
            return view.duplicate().clear();
        }

        @Override
        public void close() {
            if (closed.compareAndSet(false, true)) {
                MemoryCalls.wipe(address, bytes);
                MemoryCalls.unmap(address, bytes);
            }
        }
    }
}
