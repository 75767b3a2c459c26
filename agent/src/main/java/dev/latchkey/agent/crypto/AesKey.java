package dev.latchkey.agent.crypto;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * 256 bits of key outside the heap. Any thread may use it, also while another closes it: the bytes are zeroed once nobody uses them any more.
 *
 * <p>SECURITY: no text form and no serialization of the bytes.
 */
public final class AesKey implements AutoCloseable {
    public static final int BYTES = 32;

    private final KeyMemory memory;
    private final ByteBuffer slot;
    private final AtomicBoolean closed = new AtomicBoolean();

    /** The owner is one until it closes the key. */
    private final AtomicInteger users = new AtomicInteger(1);

    AesKey(KeyMemory memory, ByteBuffer slot) {
        this.memory = memory;
        this.slot = slot;
    }

    /** A copy. SECURITY: the caller's to wipe. */
    public byte[] copyOfBytes() {
        byte[] copy = new byte[BYTES];
        begin().get(0, copy);
        end();
        return copy;
    }

    /** Lends the bytes until {@link #end}, which every caller owes. */
    ByteBuffer begin() {
        if (users.getAndUpdate(n -> n == 0 ? 0 : n + 1) == 0) {
            throw new IllegalStateException("a key was used after it was wiped");
        }
        return slot;
    }

    void end() {
        if (users.decrementAndGet() == 0) {
            memory.giveBack(slot);
        }
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            end();
        }
    }

    @Override
    public String toString() {
        return "[redacted]";
    }
}
