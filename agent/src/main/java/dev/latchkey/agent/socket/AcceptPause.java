package dev.latchkey.agent.socket;

import dev.latchkey.agent.telemetry.Event;
import dev.latchkey.agent.telemetry.Key;
import dev.latchkey.agent.telemetry.Log;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Stops accepting for a moment when a connection cannot be accepted, as where there is no descriptor left: the peers wait in the backlog, and
 * the event loop does not spin. Keeps the failure from Netty's own logging, whose first line opens files and so would end the event loop.
 */
public final class AcceptPause extends ChannelInboundHandlerAdapter {
    /** Short, because only so many peers that hung up meanwhile are let go after each pause as there are descriptors. */
    static final Duration PAUSE = Duration.ofMillis(50);

    /** At most one line a second. */
    static final int PAUSES_PER_LINE = 20;

    private final Log log;
    private int pauses;

    public AcceptPause(Log log) {
        this.log = log;
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (!ctx.channel().config().isAutoRead()) {
            return;
        }
        if (pauses++ % PAUSES_PER_LINE == 0) {
            log.warn(Event.CONNECTION_REJECTED, Key.FAULT.of(cause));
        }
        ctx.channel().config().setAutoRead(false);
        var _ = ctx.executor()
                .schedule(() -> ctx.channel().config().setAutoRead(true), PAUSE.toMillis(), TimeUnit.MILLISECONDS);
    }
}
