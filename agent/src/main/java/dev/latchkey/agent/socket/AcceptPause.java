package dev.latchkey.agent.socket;

import dev.latchkey.agent.telemetry.Log;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.concurrent.TimeUnit;

/**
 * Stops accepting for a moment when a connection cannot be accepted, as where there is no descriptor left: the peers wait in the backlog, and
 * the event loop does not spin. Keeps the failure from Netty's own logging, whose first line opens files and so would end the event loop.
 */
public final class AcceptPause extends ChannelInboundHandlerAdapter {
    private final AcceptFailures failures;

    public AcceptPause(Log log) {
        this.failures = new AcceptFailures(log);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (!ctx.channel().config().isAutoRead()) {
            return;
        }
        failures.record(cause);
        ctx.channel().config().setAutoRead(false);
        var _ = ctx.executor()
                .schedule(
                        () -> ctx.channel().config().setAutoRead(true),
                        AcceptFailures.PAUSE.toMillis(),
                        TimeUnit.MILLISECONDS);
    }
}
