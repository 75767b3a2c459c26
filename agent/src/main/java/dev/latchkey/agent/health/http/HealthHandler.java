package dev.latchkey.agent.health.http;

import dev.latchkey.agent.health.Readiness;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** Answers the first request of a connection and closes it. */
@SuppressWarnings(
        "FutureReturnValueIgnored") // A write that fails ends the connection, which is all that could be done about it.
final class HealthHandler extends SimpleChannelInboundHandler<HttpObject> {
    private final Readiness readiness;
    private final Duration deadline;
    private boolean answered;

    HealthHandler(Readiness readiness, Duration deadline) {
        this.readiness = readiness;
        this.deadline = deadline;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        context.executor().schedule(() -> context.close(), deadline.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, HttpObject object) {
        if (answered || !(object instanceof HttpRequest request)) {
            return;
        }
        answered = true;
        if (request.decoderResult().isFailure()) {
            answer(context, HttpResponseStatus.BAD_REQUEST, "malformed");
        } else if (!request.method().equals(HttpMethod.GET) && !request.method().equals(HttpMethod.HEAD)) {
            answer(context, HttpResponseStatus.METHOD_NOT_ALLOWED, "only GET and HEAD");
        } else {
            answer(context, request.uri().split("\\?", 2)[0]);
        }
    }

    private void answer(ChannelHandlerContext context, String path) {
        switch (path) {
            case "/live" -> answer(context, HttpResponseStatus.OK, "live");
            case "/ready" -> {
                Readiness.State state = readiness.state();
                boolean ready = state == Readiness.State.READY;
                answer(
                        context,
                        ready ? HttpResponseStatus.OK : HttpResponseStatus.SERVICE_UNAVAILABLE,
                        state.name().toLowerCase(Locale.ROOT));
            }
            default -> answer(context, HttpResponseStatus.NOT_FOUND, "only /ready and /live");
        }
    }

    private static void answer(ChannelHandlerContext context, HttpResponseStatus status, String text) {
        byte[] body = (text + "\n").getBytes(StandardCharsets.UTF_8);
        DefaultFullHttpResponse response =
                new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status, Unpooled.wrappedBuffer(body));
        response.headers()
                .set(HttpHeaderNames.CONTENT_TYPE, "text/plain; charset=utf-8")
                .set(HttpHeaderNames.CACHE_CONTROL, HttpHeaderValues.NO_STORE)
                .set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE)
                .set(HttpHeaderNames.CONTENT_LENGTH, body.length);
        context.writeAndFlush(response).addListener(ChannelFutureListener.CLOSE);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        context.close();
    }
}
