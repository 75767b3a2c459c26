package dev.latchkey.agent.admin.http;

import dev.latchkey.agent.admin.view.ErrorView;
import dev.latchkey.agent.admin.view.RecordJson;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/**
 * A response written by a virtual thread while it is made: whole with its length if it is small, in chunks if not. As long as it is
 * small nothing of it has left, so a failure can still be answered instead; later one can only be told in the trailer {@value #ERROR_TRAILER}.
 */
// A write that fails ends the connection, which is all that could be done about it.
@SuppressWarnings("FutureReturnValueIgnored")
final class ResponseStream extends OutputStream {
    /** Percent-encoded JSON as in the body of an error. */
    static final String ERROR_TRAILER = "latchkey-error";

    private static final int HELD_BACK = 32 * 1024;

    private final Channel channel;
    private final String type;
    private final ByteBuf held;
    private boolean begun;

    ResponseStream(Channel channel, String type) {
        this.channel = channel;
        this.type = type;
        this.held = channel.alloc().buffer(HELD_BACK, HELD_BACK);
    }

    @Override
    public void write(int octet) throws IOException {
        write(new byte[] {(byte) octet}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int from, int count) throws IOException {
        Objects.checkFromIndexSize(from, count, bytes.length);
        int written = 0;
        while (written < count) {
            if (!held.isWritable()) {
                sendHeld();
            }
            int now = Math.min(count - written, held.writableBytes());
            held.writeBytes(bytes, from + written, now);
            written += now;
        }
    }

    /** Sends what is left and closes the connection. */
    void finish() {
        try {
            if (begun) {
                channel.write(new DefaultHttpContent(held.retainedSlice()));
                channel.writeAndFlush(new DefaultLastHttpContent()).addListener(ChannelFutureListener.CLOSE);
            } else {
                DefaultFullHttpResponse whole =
                        new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK, held.retainedSlice());
                Responses.send(channel, whole, type);
            }
        } finally {
            held.release();
        }
    }

    /** Answers with the failure if that is still possible, else breaks the response off with it. */
    void abort(Failure failure) {
        held.release();
        if (!begun) {
            Responses.refuse(channel, failure);
            return;
        }
        DefaultLastHttpContent last = new DefaultLastHttpContent();
        last.trailingHeaders().set(ERROR_TRAILER, encode(failure));
        channel.writeAndFlush(last).addListener(ChannelFutureListener.CLOSE);
    }

    private void sendHeld() throws IOException {
        if (!begun) {
            begun = true;
            channel.write(head());
        }
        // The buffer is used again, and what is on its way must not change, so the chunk is a copy.
        await(channel.writeAndFlush(new DefaultHttpContent(held.copy())));
        held.clear();
    }

    private DefaultHttpResponse head() {
        DefaultHttpResponse head = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
        HttpHeaders headers = head.headers();
        Responses.common(headers, type);
        headers.set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
        headers.set(HttpHeaderNames.TRAILER, ERROR_TRAILER);
        return head;
    }

    /** To be asked where nothing is written for long. */
    void requireOpen() {
        if (!channel.isActive()) {
            throw lost();
        }
    }

    /** A failure of the agent's own kind, which JSON's writer lets pass and whoever carries the command out records: it is nobody's fault. */
    private static AgentException lost() {
        return new AgentException(FailureKind.CONNECTION_LOST, "the connection ended before the answer did");
    }

    /** The pipeline gives every write a deadline, so this ends. */
    private static void await(ChannelFuture written) throws IOException {
        try {
            written.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while writing a response", e);
        }
        if (!written.isSuccess()) {
            throw lost();
        }
    }

    private static String encode(Failure failure) {
        ByteArrayOutputStream json = new ByteArrayOutputStream();
        RecordJson.write(ErrorView.of(failure), json);
        return URLEncoder.encode(json.toString(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
    }
}
