package dev.latchkey.agent.injection;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.memory.WipedSegment;
import dev.latchkey.agent.secret.FoundSecret;
import dev.latchkey.agent.secret.SecretValue;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * The items of a parcel while they are laid out (SPEC.md, section 4.8). It grows, because what a template becomes is known only at its end; what
 * it grew out of is wiped at once. Whatever was written is wiped when it is closed, unless {@link #finish} gave the segment away.
 */
final class ItemBlock implements Sink, AutoCloseable {
    /** A DELIVERY of items has 16 MiB; before its block there are names that are removed. */
    static final int MAX_BLOCK = (16 << 20) - (256 << 10);

    private static final int FIRST = 4_096;
    private static final int HEAD = 1 + Integer.BYTES;
    private static final byte VARIABLE = 1;
    private static final byte FILE = 2;

    private final WipedSegment.Source source;
    private WipedSegment segment;
    private ByteBuffer out;
    private boolean givenAway;
    private boolean file;
    private int item;
    private int value;
    private int count;

    ItemBlock(WipedSegment.Source source) {
        this.source = source;
        this.segment = source.allocate(FIRST);
        this.out = segment.buffer().duplicate();
    }

    int count() {
        return count;
    }

    /** Begins the item of that target. */
    void begin(String target, boolean isFile) {
        byte[] name = (target + "=").getBytes(StandardCharsets.UTF_8);
        item = out.position();
        value = item + HEAD + name.length;
        file = isFile;
        require(HEAD + name.length);
        out.put(isFile ? FILE : VARIABLE).putInt(0).put(name);
    }

    @Override
    public void put(int b) {
        require(1);
        out.put((byte) b);
    }

    /**
     * @throws AgentException {@code VALUE_TOO_LONG} if the item would be, {@code BUNDLE_TOO_LARGE} if all items together would be
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

    /** Opens a value of that size here, where it is delivered from. */
    void open(FoundSecret secret, int size) {
        require(size);
        secret.openInto(out.slice(out.position(), size));
        out.position(out.position() + size);
    }

    /** The bytes of the item's value so far, where they lie. */
    ByteBuffer value() {
        return out.slice(value, out.position() - value);
    }

    /**
     * Ends the item.
     *
     * @throws AgentException {@code VALUE_HAS_NUL}
     */
    void end() {
        if (!file && hasNul()) {
            throw new AgentException(
                    FailureKind.VALUE_HAS_NUL,
                    "the value has a NUL byte, which cannot stand in a variable",
                    "--secret-file takes any bytes, encode=base64 makes them text");
        }
        out.putInt(item + 1, out.position() - item - HEAD);
        require(1);
        out.put((byte) 0);
        count++;
    }

    private boolean hasNul() {
        for (int at = value; at < out.position(); at++) {
            if (out.get(at) == 0) {
                return true;
            }
        }
        return false;
    }

    /** Takes the item back that was begun last. */
    void drop() {
        out.position(item);
    }

    /** The segment with exactly the items; from now on it is the caller's to close. */
    WipedSegment finish() {
        WipedSegment exact = source.allocate(out.position());
        exact.buffer().duplicate().put(out.duplicate().flip());
        close();
        givenAway = true;
        return exact;
    }

    @Override
    public void close() {
        if (!givenAway) {
            segment.close();
        }
    }

    private void require(int bytes) {
        long length = (long) out.position() - value + bytes;
        long name = (long) value - item - HEAD;
        if (file ? length > SecretValue.MAX_BYTES + 1L : name + length > Sizes.MAX_ENTRY + 1L) {
            throw new AgentException(
                    file
                            ? dev.latchkey.agent.failure.Failure.of(
                                    FailureKind.VALUE_TOO_LONG, "the content of a file is over 1 MiB")
                            : Sizes.tooLong());
        }
        if (out.remaining() < bytes) {
            grow((long) out.position() + bytes);
        }
    }

    private void grow(long least) {
        if (least > MAX_BLOCK) {
            throw new AgentException(Sizes.bundleTooLarge());
        }
        WipedSegment larger = source.allocate((int) Math.min(MAX_BLOCK, Math.max(least, 2L * out.capacity())));
        ByteBuffer to = larger.buffer().duplicate();
        to.put(out.duplicate().flip());
        segment.close();
        segment = larger;
        out = to;
    }
}
