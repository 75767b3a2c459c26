package dev.latchkey.agent.server;

import dev.latchkey.protocol.FailureClass;
import dev.latchkey.protocol.Header;
import dev.latchkey.protocol.MalformedException;
import dev.latchkey.protocol.Side;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Puts one frame after the other together from the pieces that come. Takes memory for what came, not for what a header claims, and
 * zeroes it when the frame is done with: a request may hold a token or a default.
 */
final class FrameCollector {
    private static final int FIRST_BODY = 1_024;

    private final byte[] head = new byte[Header.BYTES];
    private int headBytes;
    private @Nullable Header header;
    private byte[] body = new byte[0];
    private int bodyBytes;

    /** A complete frame; the body is valid until {@link FrameCollector#clear}. */
    record Frame(Header header, ByteBuffer body) {}

    /** Whether not one byte of the next frame came. */
    boolean isEmpty() {
        return headBytes == 0;
    }

    /** Takes what belongs to the frame and leaves the rest; present once the frame is complete. */
    Optional<Frame> add(ByteBuffer in) throws MalformedException {
        if (header == null) {
            addToHead(in);
        }
        if (header == null) {
            return Optional.empty();
        }
        addToBody(in, header.length());
        return bodyBytes == header.length()
                ? Optional.of(new Frame(header, ByteBuffer.wrap(body, 0, bodyBytes)))
                : Optional.empty();
    }

    private void addToHead(ByteBuffer in) throws MalformedException {
        int take = Math.min(in.remaining(), head.length - headBytes);
        in.get(head, headBytes, take);
        headBytes += take;
        if (headBytes == head.length) {
            header = decodeHead();
        }
    }

    private Header decodeHead() throws MalformedException {
        return Header.decode(ByteBuffer.wrap(head, 0, headBytes), Side.AGENT);
    }

    private void addToBody(ByteBuffer in, int length) {
        int take = Math.min(in.remaining(), length - bodyBytes);
        if (bodyBytes + take > body.length) {
            grow(Math.min(length, Math.max(bodyBytes + take, Math.max(FIRST_BODY, 2 * body.length))));
        }
        in.get(body, bodyBytes, take);
        bodyBytes += take;
    }

    private void grow(int bytes) {
        byte[] larger = Arrays.copyOf(body, bytes);
        Arrays.fill(body, (byte) 0);
        body = larger;
    }

    /** The class of a frame that will never be complete. */
    MalformedException truncated() {
        if (header == null) {
            try {
                decodeHead();
            } catch (MalformedException e) {
                return e;
            }
        }
        return new MalformedException(FailureClass.TRUNCATED, "the frame ends before its body is complete");
    }

    /** Forgets the frame and zeroes its bytes; room for a large one is not kept, for an idle connection must be cheap. */
    void clear() {
        Arrays.fill(body, 0, bodyBytes, (byte) 0);
        if (body.length > FIRST_BODY) {
            body = new byte[0];
        }
        headBytes = 0;
        bodyBytes = 0;
        header = null;
    }
}
