package dev.latchkey.agent.server;

import io.netty.channel.unix.FileDescriptor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.Consumer;

/**
 * An answer until the kernel has all of it. Lives on its connection's event loop.
 *
 * <p>SECURITY: a block goes to the kernel from its own segment.
 */
final class Outgoing {
    private final ByteBuffer[] parts;
    private final Consumer<Boolean> ended;
    private int first;

    /**
     * @param ended told once whether all was written
     * @param parts direct
     */
    Outgoing(Consumer<Boolean> ended, ByteBuffer... parts) {
        this.ended = ended;
        this.parts = parts;
    }

    /**
     * Writes what there is room for.
     *
     * @return whether that was all
     * @throws IOException if the peer has gone
     */
    boolean writeTo(FileDescriptor socket) throws IOException {
        skipWritten();
        while (first < parts.length) {
            int count = parts.length - first;
            long written = count == 1
                    ? socket.write(parts[first], parts[first].position(), parts[first].limit())
                    : socket.writev(parts, first, count, Long.MAX_VALUE);
            if (written == 0) {
                return false;
            }
            advance(written);
        }
        return true;
    }

    private void advance(long written) {
        long left = written;
        for (int i = first; left > 0; i++) {
            int taken = (int) Math.min(left, parts[i].remaining());
            parts[i].position(parts[i].position() + taken);
            left -= taken;
        }
        skipWritten();
    }

    private void skipWritten() {
        while (first < parts.length && !parts[first].hasRemaining()) {
            first++;
        }
    }

    /** Takes what is left of the first part away from the station's buffer, which others write from meanwhile. */
    void keep() {
        if (first == 0) {
            parts[0] = ByteBuffer.allocateDirect(parts[0].remaining())
                    .put(parts[0])
                    .flip();
        }
    }

    void ended(boolean written) {
        ended.accept(written);
    }
}
