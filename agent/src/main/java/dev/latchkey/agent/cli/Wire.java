package dev.latchkey.agent.cli;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import java.time.Duration;
import java.util.Objects;
import jdk.net.ExtendedSocketOptions;

/**
 * A Unix socket whose every read and write has a deadline.
 *
 * <p>SECURITY: octets pass through two buffers of its own, zeroed when it is closed; the JDK would keep the copies that it makes of arrays.
 */
final class Wire implements Closeable {
    private static final int BUFFER = 64 * 1024;

    private final SocketChannel channel;
    private final Selector selector;
    private final SelectionKey key;
    private final ByteBuffer outgoing = ByteBuffer.allocateDirect(BUFFER);
    private final ByteBuffer incoming = ByteBuffer.allocateDirect(BUFFER).flip();
    private Duration patience;

    private Wire(SocketChannel channel, Duration patience) throws IOException {
        this.channel = channel;
        this.patience = patience;
        this.selector = Selector.open();
        channel.configureBlocking(false);
        this.key = channel.register(selector, 0);
    }

    static Wire connect(Path socket, Duration patience) throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            channel.connect(UnixDomainSocketAddress.of(socket));
            return new Wire(channel, patience);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /** Who called {@code listen}, as the kernel says. */
    UserPrincipal server() throws IOException {
        return channel.getOption(ExtendedSocketOptions.SO_PEERCRED).user();
    }

    /** How long a read or a write may take from now on. */
    void patience(Duration duration) {
        patience = duration;
    }

    void write(byte[] bytes, int from, int count) throws IOException {
        int written = 0;
        while (written < count) {
            outgoing.clear();
            int now = Math.min(count - written, outgoing.remaining());
            outgoing.put(bytes, from + written, now).flip();
            drain();
            written += now;
        }
    }

    private void drain() throws IOException {
        while (outgoing.hasRemaining()) {
            if (channel.write(outgoing) == 0) {
                await(SelectionKey.OP_WRITE);
            }
        }
    }

    private void await(int operation) throws IOException {
        key.interestOps(operation);
        if (selector.select(patience.toMillis()) == 0) {
            throw new SocketTimeoutException();
        }
        selector.selectedKeys().clear();
    }

    /** What the peer sends. */
    InputStream in() {
        return new InputStream() {
            @Override
            public int read() throws IOException {
                return fill() ? incoming.get() & 0xFF : -1;
            }

            @Override
            public int read(byte[] to, int from, int count) throws IOException {
                Objects.checkFromIndexSize(from, count, to.length);
                if (count == 0) {
                    return 0;
                }
                if (!fill()) {
                    return -1;
                }
                int read = Math.min(count, incoming.remaining());
                incoming.get(to, from, read);
                return read;
            }
        };
    }

    private boolean fill() throws IOException {
        if (incoming.hasRemaining()) {
            return true;
        }
        incoming.clear();
        int read = channel.read(incoming);
        while (read == 0) {
            await(SelectionKey.OP_READ);
            read = channel.read(incoming);
        }
        incoming.flip();
        return read > 0;
    }

    @Override
    public void close() throws IOException {
        zero(outgoing);
        zero(incoming);
        selector.close();
        channel.close();
    }

    private static void zero(ByteBuffer buffer) {
        buffer.clear();
        while (buffer.hasRemaining()) {
            buffer.put((byte) 0);
        }
    }
}
