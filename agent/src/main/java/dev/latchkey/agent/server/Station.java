package dev.latchkey.agent.server;

import io.netty.channel.IoEventLoop;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What the connections of one event loop share. Lives on that loop, which does one thing at a time: so one buffer to read into and one to write
 * from are enough for all of them.
 */
final class Station {
    /** A request of a handful of bindings comes in one piece. */
    private static final int READ_BYTES = 4_096;

    /** An answer without its block is hardly ever longer. */
    private static final int WRITE_BYTES = 8_192;

    private final IoEventLoop loop;
    private final ByteBuffer input = ByteBuffer.allocateDirect(READ_BYTES);
    private final ByteBuffer output = ByteBuffer.allocateDirect(WRITE_BYTES);
    private final byte[] zeroes = new byte[READ_BYTES];
    private final Set<Connection> waiting = new HashSet<>();

    Station(IoEventLoop loop) {
        this.loop = loop;
    }

    IoEventLoop loop() {
        return loop;
    }

    /** Empty, to be read into; {@link #wipeInput} when its bytes were taken. */
    ByteBuffer input() {
        return input.clear();
    }

    /** SECURITY: a request may hold a token or a default. All of it, for of a frame that was refused only a part was taken. */
    void wipeInput() {
        input.clear().put(0, zeroes);
    }

    /** These bytes where the kernel can take them from, until the next call. */
    ByteBuffer direct(ByteBuffer bytes) {
        ByteBuffer to =
                bytes.remaining() <= WRITE_BYTES ? output.clear() : ByteBuffer.allocateDirect(bytes.remaining());
        return to.put(bytes.duplicate()).flip();
    }

    /** It goes on later, and is told of the end before. */
    void waits(Connection connection) {
        waiting.add(connection);
    }

    void ended(Connection connection) {
        waiting.remove(connection);
    }

    /** Those that wait now. */
    List<Connection> waiting() {
        return new ArrayList<>(waiting);
    }
}
