package dev.latchkey.agent.admin.http;

import dev.latchkey.agent.admin.Operator;
import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.secret.SecretValue;
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
import java.util.Arrays;
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
    private byte[] bytes = {};
    private int filled;
    private @Nullable BodyStream stream;
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
            bytes = new byte[found.length()];
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
            }
            return;
        }
        int count = content.content().readableBytes();
        if (count > bytes.length - filled) {
            throw Refused.malformed("the body is longer than it said");
        }
        content.content().readBytes(bytes, filled, count);
        filled += count;
        if (content instanceof LastHttpContent && asked != null) {
            dispatch(context, asked, content(asked));
        }
    }

    private Call.Content content(Asked found) throws Refused {
        if (filled != bytes.length) {
            throw Refused.malformed("the body is shorter than it said");
        }
        byte[] whole = bytes;
        // What is handed over is no longer ours to wipe.
        bytes = new byte[0];
        filled = 0;
        return switch (found.route().body()) {
            case NONE -> new Call.Content.None();
            case JSON -> new Call.Content.Json(new ByteArrayInputStream(whole));
            case VALUE -> new Call.Content.Value(SecretValue.owning(whole));
            case STREAM -> throw new IllegalStateException("a stream is not taken in whole");
        };
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
        Arrays.fill(bytes, (byte) 0);
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
