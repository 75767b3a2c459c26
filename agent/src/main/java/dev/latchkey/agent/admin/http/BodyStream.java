package dev.latchkey.agent.admin.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A body read by a virtual thread while it comes in. The channel is asked for more only when all that came was read, so no more than
 * one turn of the event loop's reading is ever held.
 */
final class BodyStream extends InputStream {
    private sealed interface Piece {
        record Data(ByteBuf buffer) implements Piece {}

        record End() implements Piece {}

        record Broken() implements Piece {}
    }

    private final Channel channel;
    private final Duration patience;
    private final BlockingQueue<Piece> pieces = new LinkedBlockingQueue<>();
    private @Nullable ByteBuf current;
    private @Nullable Piece last;
    private volatile boolean closed;

    BodyStream(Channel channel, Duration patience) {
        this.channel = channel;
        this.patience = patience;
    }

    /** Takes over the buffer. */
    void offer(ByteBuf buffer) {
        pieces.add(new Piece.Data(buffer));
        // INVARIANT: looked at after adding, and set before the last look for pieces: one of the two sees every buffer.
        if (closed) {
            releasePieces();
        }
    }

    void end() {
        pieces.add(new Piece.End());
    }

    /** The connection ended first. */
    void broken() {
        pieces.add(new Piece.Broken());
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] to, int from, int count) throws IOException {
        Objects.checkFromIndexSize(from, count, to.length);
        if (count == 0) {
            return 0;
        }
        ByteBuf buffer = next();
        if (buffer == null) {
            return -1;
        }
        int read = Math.min(count, buffer.readableBytes());
        buffer.readBytes(to, from, read);
        return read;
    }

    /** A buffer with something in it; null at the end. */
    private @Nullable ByteBuf next() throws IOException {
        while (current == null || !current.isReadable()) {
            releaseCurrent();
            Piece piece = last != null ? last : await();
            switch (piece) {
                case Piece.Data(ByteBuf buffer) -> current = buffer;
                case Piece.End _ -> {
                    last = piece;
                    return null;
                }
                case Piece.Broken _ -> {
                    last = piece;
                    throw new IOException("the connection ended before the body did");
                }
            }
        }
        return current;
    }

    private Piece await() throws IOException {
        Piece piece = pieces.poll();
        if (piece == null) {
            channel.read();
            try {
                piece = pieces.poll(patience.toMillis(), TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted while reading a body", e);
            }
        }
        if (piece == null) {
            throw new IOException("no more of the body came in " + patience.toSeconds() + " s");
        }
        return piece;
    }

    private void releaseCurrent() {
        if (current != null) {
            current.release();
            current = null;
        }
    }

    @Override
    public void close() {
        closed = true;
        releaseCurrent();
        releasePieces();
    }

    private void releasePieces() {
        for (Piece piece = pieces.poll(); piece != null; piece = pieces.poll()) {
            if (piece instanceof Piece.Data(ByteBuf buffer)) {
                buffer.release();
            }
        }
    }
}
