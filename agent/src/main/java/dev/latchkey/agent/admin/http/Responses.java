package dev.latchkey.agent.admin.http;

import dev.latchkey.agent.admin.SecretCommands;
import dev.latchkey.agent.admin.view.ErrorView;
import dev.latchkey.agent.admin.view.RecordJson;
import dev.latchkey.agent.failure.Failure;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.io.ByteArrayOutputStream;

/** Responses that are whole from the start. Each closes its connection. */
// A write that fails ends the connection, which is all that could be done about it.
@SuppressWarnings("FutureReturnValueIgnored")
final class Responses {
    static final String JSON = "application/json";
    static final String OCTETS = "application/octet-stream";
    static final String VERSION = "latchkey-version";

    private Responses() {}

    static void refuse(Channel channel, Failure failure) {
        refuse(channel, Statuses.of(failure.kind()), failure);
    }

    static void refuse(Channel channel, HttpResponseStatus status, Failure failure) {
        ByteArrayOutputStream json = new ByteArrayOutputStream();
        RecordJson.write(ErrorView.of(failure), json);
        send(
                channel,
                new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status, Unpooled.wrappedBuffer(json.toByteArray())),
                JSON);
    }

    static void done(Channel channel) {
        FullHttpResponse response = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.NO_CONTENT);
        common(response.headers(), JSON);
        channel.writeAndFlush(response).addListener(ChannelFutureListener.CLOSE);
    }

    /** Closes the value. */
    static void value(Channel channel, SecretCommands.Revealed revealed) {
        try (revealed) {
            // SECURITY: the channel's allocator zeroes this buffer when it was written or the write failed.
            ByteBuf octets = channel.alloc().directBuffer(revealed.value().size());
            var _ = revealed.value().lend(octets::writeBytes);
            FullHttpResponse response =
                    new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK, octets);
            response.headers().set(VERSION, revealed.version());
            send(channel, response, OCTETS);
        }
    }

    static void send(Channel channel, FullHttpResponse response, String type) {
        common(response.headers(), type);
        response.headers()
                .set(HttpHeaderNames.CONTENT_LENGTH, response.content().readableBytes());
        channel.writeAndFlush(response).addListener(ChannelFutureListener.CLOSE);
    }

    static void common(HttpHeaders headers, String type) {
        headers.set(HttpHeaderNames.CONTENT_TYPE, type);
        headers.set(HttpHeaderNames.CACHE_CONTROL, HttpHeaderValues.NO_STORE);
        headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    }
}
