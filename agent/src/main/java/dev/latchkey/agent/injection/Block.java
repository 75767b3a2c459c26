package dev.latchkey.agent.injection;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.memory.WipedSegment;
import dev.latchkey.agent.secret.FoundSecret;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * A delivery block while it is being laid out, entry by entry. Whatever was written into it is wiped when it is closed, unless
 * {@link #finish} gave the segment away.
 */
final class Block implements Sink, AutoCloseable {
    private static final long ONES = 0x0101_0101_0101_0101L;
    private static final long HIGHS = 0x8080_8080_8080_8080L;

    private final WipedSegment.Source source;
    private final WipedSegment segment;
    private final ByteBuffer out;
    private boolean givenAway;
    private int entry;

    /**
     * @param capacity the most bytes that its entries will take
     */
    Block(WipedSegment.Source source, int capacity) {
        this.source = source;
        this.segment = source.allocate(capacity);
        this.out = segment.buffer().duplicate();
    }

    /** Begins the entry of that variable. */
    void begin(String target) {
        entry = out.position();
        put(target.getBytes(StandardCharsets.US_ASCII));
        put('=');
    }

    @Override
    public void put(int b) {
        require(1);
        out.put((byte) b);
    }

    /**
     * @throws AgentException {@code VALUE_TOO_LONG} if the entry would be, {@code BUNDLE_TOO_LARGE} if all entries together would be
     */
    @Override
    public void put(byte[] bytes) {
        require(bytes.length);
        out.put(bytes);
    }

    /**
     * @throws AgentException as {@link #put(byte[])}
     */
    @Override
    public void put(ByteBuffer bytes) {
        require(bytes.remaining());
        out.put(bytes);
    }

    /**
     * Opens a value of that size here, where it is delivered from.
     *
     * @throws AgentException as {@link #put(byte[])} and as {@link FoundSecret#openInto}
     */
    void open(FoundSecret secret, int size) {
        require(size);
        secret.openInto(out.slice(out.position(), size));
        out.position(out.position() + size);
    }

    /**
     * Ends the entry.
     *
     * @throws AgentException {@code VALUE_HAS_NUL}
     */
    void end() {
        if (hasNul()) {
            throw new AgentException(
                    FailureKind.VALUE_HAS_NUL,
                    "the value has a NUL byte, which cannot stand in a variable",
                    "--secret-file takes any bytes, encode=base64 makes them text");
        }
        out.put((byte) 0);
    }

    /** Looks at eight bytes at once: minus one, a byte gets a high bit that it did not have only if it is 0, or above one that is. */
    private boolean hasNul() {
        int at = entry;
        for (; at <= out.position() - Long.BYTES; at += Long.BYTES) {
            long eight = out.getLong(at);
            if (((eight - ONES) & ~eight & HIGHS) != 0) {
                return true;
            }
        }
        while (at < out.position()) {
            if (out.get(at++) == 0) {
                return true;
            }
        }
        return false;
    }

    /** Takes the entry back that was begun last. */
    void drop() {
        out.position(entry);
    }

    /** The segment with exactly the entries; from now on it is the caller's to close. */
    WipedSegment finish() {
        if (out.hasRemaining()) {
            return copied();
        }
        givenAway = true;
        return segment;
    }

    private WipedSegment copied() {
        WipedSegment exact = source.allocate(out.position());
        exact.buffer().duplicate().put(out.flip());
        return exact;
    }

    @Override
    public void close() {
        if (!givenAway) {
            segment.close();
        }
    }

    private void require(int bytes) {
        if (out.position() - entry + (long) bytes > Sizes.MAX_ENTRY) {
            throw new AgentException(Sizes.tooLong());
        }
        if (out.remaining() <= bytes) {
            throw full();
        }
    }

    private RuntimeException full() {
        return out.capacity() >= Sizes.MAX_BLOCK
                ? new AgentException(Sizes.bundleTooLarge())
                : new IllegalStateException("a value is larger than its provider said");
    }
}
