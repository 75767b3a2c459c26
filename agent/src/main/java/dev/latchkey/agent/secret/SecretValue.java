package dev.latchkey.agent.secret;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of one version, 0 to 1 MiB of them, in one place that {@link #close} zeroes: outside the heap, or in an exactly sized array.
 *
 * <p>SECURITY: a collection leaves a copy of an array that it moves, which nobody can zero, so an array is for a value that lives but for a moment.
 * Not a record, so that no accessor, text form or serialization of the bytes comes for free. It belongs to the thread that made it.
 */
public final class SecretValue implements AutoCloseable {
    /** The largest value, in bytes. */
    public static final int MAX_BYTES = 1 << 20;

    private final Runnable wipe;
    private @Nullable ByteBuffer bytes;

    private SecretValue(ByteBuffer bytes, Runnable wipe) {
        if (bytes.remaining() > MAX_BYTES) {
            throw new IllegalStateException("a value over " + MAX_BYTES + " bytes");
        }
        this.bytes = bytes;
        this.wipe = wipe;
    }

    /** Takes the array itself: the caller must not keep it. */
    public static SecretValue owning(byte[] bytes) {
        return new SecretValue(ByteBuffer.wrap(bytes), () -> Arrays.fill(bytes, (byte) 0));
    }

    /**
     * Takes what remains of a direct buffer: the caller must not keep it.
     *
     * @param wipe zeroes the memory and gives it back; run once
     */
    public static SecretValue outsideHeap(ByteBuffer bytes, Runnable wipe) {
        if (!bytes.isDirect()) {
            throw new IllegalStateException("a buffer on the heap");
        }
        return new SecretValue(bytes.slice(), wipe);
    }

    public int size() {
        return live().remaining();
    }

    /** Lends the bytes themselves for as long as the function runs. SECURITY: what it copies out is the borrower's to wipe. */
    public <T> T lend(Function<ByteBuffer, T> borrower) {
        return borrower.apply(live().duplicate());
    }

    /**
     * Lends an array of the bytes for as long as the function runs, which should be short. SECURITY: what it copies out is the borrower's to
     * wipe.
     */
    @SuppressWarnings("ByteBufferBackingArray") // where there is one, it is all of the array that was taken
    public <T> T leak(Function<byte[], T> borrower) {
        ByteBuffer lent = live();
        if (lent.hasArray()) {
            return borrower.apply(lent.array());
        }
        byte[] copy = new byte[lent.remaining()];
        try {
            lent.get(0, copy);
            return borrower.apply(copy);
        } finally {
            Arrays.fill(copy, (byte) 0);
        }
    }

    /** Compares in a time that tells nothing about the content. */
    public boolean sameAs(SecretValue other) {
        ByteBuffer one = live();
        ByteBuffer two = other.live();
        if (one.remaining() != two.remaining()) {
            return false;
        }
        int different = 0;
        for (int i = 0; i < one.remaining(); i++) {
            different |= one.get(i) ^ two.get(i);
        }
        return different == 0;
    }

    @Override
    public void close() {
        if (bytes != null) {
            bytes = null;
            wipe.run();
        }
    }

    @Override
    public String toString() {
        return "[redacted]";
    }

    private ByteBuffer live() {
        if (bytes == null) {
            throw new IllegalStateException("a secret value was used after it was closed");
        }
        return bytes;
    }
}
