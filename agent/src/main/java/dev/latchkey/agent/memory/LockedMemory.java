package dev.latchkey.agent.memory;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.sys.ErrnoException;
import dev.latchkey.agent.sys.MemoryCalls;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Makes segments that are mappings of their own, locked where the limit allows, left out of core dumps, without content in a forked child, zeroed
 * when closed. A segment that is never closed is a leak that lasts as long as the process; nothing collects it.
 *
 * <p>A few small mappings are kept for the next segment, because unmapping interrupts every processor that runs the agent. SECURITY: they
 * are ours alone and zeroed before they are kept, so unlike a pooled buffer they never hold what went through them. Where the kernel has memory that
 * not even root can read, these are of it; not the others, for making it costs nine times as much and splits pages of the kernel's own (ADR 28).
 */
public final class LockedMemory implements WipedSegment.Source {
    /** Most launches need less. */
    private static final int KEPT_BYTES = 16 << 10;

    private static final int MOST_KEPT = 64;

    private final boolean hasSecret = MemoryCalls.hasSecretMemory();
    private final long page = MemoryCalls.pageSize();
    private final BlockingQueue<Region> kept = new ArrayBlockingQueue<>(MOST_KEPT);
    /** How many more mappings of secret memory may be made. */
    private final Semaphore secrets = new Semaphore(MOST_KEPT);

    private final AtomicReference<@Nullable String> failure = new AtomicReference<>();
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
        if (bytes > KEPT_BYTES) {
            return new Mapping(locked(Math.ceilDiv(bytes, page) * page), bytes);
        }
        Region free = kept.poll();
        return new Mapping(free == null ? small() : free, bytes);
    }

    /**
     * Where a mapping lies, and a view of all of it.
     *
     * @param secret whether it is of memory that not even root can read
     */
    private record Region(long address, ByteBuffer view, boolean secret) {}

    private Region small() {
        return secret().orElseGet(() -> locked(KEPT_BYTES));
    }

    /** Absent where there is none, and past the limit on locked memory: then locking another mapping fails too, and that is reported. */
    private Optional<Region> secret() {
        if (!hasSecret || !secrets.tryAcquire()) {
            return Optional.empty();
        }
        try {
            long address = MemoryCalls.mapSecret(KEPT_BYTES);
            return Optional.of(new Region(address, MemoryCalls.view(address, KEPT_BYTES), true));
        } catch (ErrnoException e) {
            secrets.release();
            return Optional.empty();
        }
    }

    private Region locked(long bytes) {
        long address = anonymous(bytes);
        try {
            protect(address, bytes);
            return new Region(address, MemoryCalls.view(address, (int) bytes), false);
        } catch (RuntimeException | Error e) {
            MemoryCalls.unmap(address, bytes);
            throw e;
        }
    }

    private static long anonymous(long bytes) {
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
            String reason = "memory for values cannot be locked: " + e.getMessage();
            if (failure.compareAndSet(null, reason)) {
                notLocked.accept(reason);
            }
        }
    }

    /** Why memory could not be locked, if it could not be once: what was mapped then may be swapped out as long as it is used. */
    public Optional<String> failure() {
        return Optional.ofNullable(failure.get());
    }

    private void giveBack(Region region) {
        int mapped = region.view().capacity();
        if (mapped != KEPT_BYTES || !kept.offer(region)) {
            MemoryCalls.unmap(region.address(), mapped);
            if (region.secret()) {
                secrets.release();
            }
        }
    }

    /** One mapping while it is in use. Closing may race with closing, not with use. */
    private final class Mapping implements WipedSegment {
        private final Region region;
        private final int bytes;
        private final AtomicBoolean closed = new AtomicBoolean();

        Mapping(Region region, int bytes) {
            this.region = region;
            this.bytes = bytes;
        }

        @Override
        public ByteBuffer buffer() {
            if (closed.get()) {
                throw new IllegalStateException("a segment was used after it was closed");
            }
            return region.view().slice(0, bytes);
        }

        @Override
        public void close() {
            if (closed.compareAndSet(false, true)) {
                MemoryCalls.wipe(region.address(), bytes);
                giveBack(region);
            }
        }
    }
}
