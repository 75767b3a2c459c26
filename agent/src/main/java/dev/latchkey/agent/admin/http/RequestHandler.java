package dev.latchkey.agent.admin.http;

import dev.latchkey.agent.admin.Operator;
import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.secret.SecretValue;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.concurrent.Future;
import java.io.ByteArrayInputStream;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Takes one request in, within its limits and its deadline, and has it carried out. Belongs to the channel's event loop. */
// A write or close that fails has already ended the connection, which is all that could be done about it.
@SuppressWarnings("FutureReturnValueIgnored")
final class RequestHandler extends SimpleChannelInboundHandler<HttpObject> {
    private final Requests requests;
    private final Operator operator;
    private @Nullable Future<?> deadline;
    private @Nullable Asked asked;
    private ByteBuf whole = Unpooled.EMPTY_BUFFER;
    private @Nullable BodyStream stream;

    /** Nothing that still comes is looked at. */
    private boolean answered;

    RequestHandler(Requests requests, Operator operator) {
        this.requests = requests;
        this.operator = operator;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        deadline = context.executor()
                .schedule(
                        () -> refuse(
                                context,
                                HttpResponseStatus.REQUEST_TIMEOUT,
                                Failure.of(FailureKind.TIMED_OUT, "the request did not come in time")),
                        requests.settings().requestDeadline().toMillis(),
                        TimeUnit.MILLISECONDS);
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, HttpObject object) {
        if (answered) {
            return;
        }
        try {
            if (object.decoderResult().isFailure()) {
                throw Refused.malformed("not HTTP/1.1 within the limits of the admin socket");
            }
            if (object instanceof HttpRequest head) {
                begin(context, head);
            }
            if (object instanceof HttpContent content) {
                take(context, content);
            }
        } catch (Refused e) {
            refuse(context, e.status(), e.failure());
        }
    }

    private void begin(ChannelHandlerContext context, HttpRequest head) throws Refused {
        Asked found = Asked.parse(head, requests.routes());
        asked = found;
        if (HttpUtil.is100ContinueExpected(head)) {
            context.writeAndFlush(new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.CONTINUE));
        }
        if (found.route().body() == Route.Body.STREAM) {
            beginStream(context, found);
        } else {
            // Bounded by the check above: nothing is allocated from a length that was only claimed.
            whole = context.alloc().directBuffer(found.length(), found.length());
        }
    }

    private void beginStream(ChannelHandlerContext context, Asked found) {
        BodyStream body = new BodyStream(context.channel(), requests.settings().patience());
        stream = body;
        context.channel().config().setAutoRead(false);
        dispatch(context, found, new Call.Content.Stream(body));
    }

    private void take(ChannelHandlerContext context, HttpContent content) throws Refused {
        BodyStream body = stream;
        if (body != null) {
            body.offer(content.content().retain());
            if (content instanceof LastHttpContent) {
                body.end();
                // SECURITY: what follows is another request; there is one on a connection.
                answered = true;
            }
            return;
        }
        if (content.content().readableBytes() > whole.writableBytes()) {
            throw Refused.malformed("the body is longer than it said");
        }
        whole.writeBytes(content.content());
        if (content instanceof LastHttpContent && asked != null) {
            dispatch(context, asked, content(asked));
        }
    }

    private Call.Content content(Asked found) throws Refused {
        if (whole.isWritable()) {
            throw Refused.malformed("the body is shorter than it said");
        }
        return switch (found.route().body()) {
            case NONE -> new Call.Content.None();
            case JSON -> new Call.Content.Json(new ByteArrayInputStream(ByteBufUtil.getBytes(whole)));
            case VALUE -> new Call.Content.Value(value());
            case STREAM -> throw new IllegalStateException("a stream is not taken in whole");
        };
    }

    /** SECURITY: outside the heap, for it waits there until all of it came and it is stored. What is handed over is no longer ours to wipe. */
    private SecretValue value() {
        ByteBuf handed = whole;
        whole = Unpooled.EMPTY_BUFFER;
        return SecretValue.outsideHeap(handed.nioBuffer(), () -> wipe(handed));
    }

    private void dispatch(ChannelHandlerContext context, Asked found, Call.Content content) {
        stopClock();
        answered = stream == null;
        Call call = new Call(operator, found.segments(), found.query(), content, requests.defaults());
        requests.dispatch(context.channel(), found.route(), call);
    }

    private void refuse(ChannelHandlerContext context, HttpResponseStatus status, Failure failure) {
        stopClock();
        answered = true;
        wipe();
        Responses.refuse(context.channel(), status, failure);
    }

    private void stopClock() {
        if (deadline != null) {
            deadline.cancel(false);
        }
    }

    private void wipe() {
        wipe(whole);
        whole = Unpooled.EMPTY_BUFFER;
    }

    private static void wipe(ByteBuf buffer) {
        buffer.setZero(0, buffer.capacity()).release();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        stopClock();
        wipe();
        if (stream != null) {
            stream.broken();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        context.close();
    }
}
