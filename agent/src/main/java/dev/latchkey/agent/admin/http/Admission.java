package dev.latchkey.agent.admin.http;

import dev.latchkey.agent.admin.Operator;
import dev.latchkey.agent.admin.Role;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.telemetry.Event;
import dev.latchkey.agent.telemetry.Key;
import dev.latchkey.agent.workload.Caller;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.unix.UnixChannel;
import io.netty.handler.codec.http.HttpResponseEncoder;
import java.io.IOException;

/** The door: asks the kernel who connected, and lets nothing be read from who has no role or has used up its quota. */
// A write or close that fails has already ended the connection, which is all that could be done about it.
@SuppressWarnings("FutureReturnValueIgnored")
final class Admission extends ChannelInboundHandlerAdapter {
    private final AdminServer.Base base;
    private final Quotas quotas;
    private final Requests requests;

    Admission(AdminServer.Base base, Quotas quotas, Requests requests) {
        this.base = base;
        this.quotas = quotas;
        this.requests = requests;
    }

    /** Users with a role and users without one do not share. */
    record Quotas(PeerQuota operators, PeerQuota strangers) {
        PeerQuota of(Operator operator) {
            return operator.role() == Role.NONE ? strangers : operators;
        }
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        try {
            Caller peer =
                    base.credentials().of(((UnixChannel) context.channel()).fd().intValue());
            receive(context, base.accountability().access().identify(peer));
        } catch (IOException e) {
            base.log().warn(Event.CONNECTION_REJECTED, Key.MESSAGE.of("the kernel does not say who connected"));
            context.close();
        }
    }

    private void receive(ChannelHandlerContext context, Operator operator) {
        PeerQuota quota = quotas.of(operator);
        if (!quota.enter(operator.uid())) {
            base.log()
                    .warn(Event.CONNECTION_REJECTED, Key.UID.of(operator.uid()), Key.CODE.of(FailureKind.BUSY.text()));
            turnAway(
                    context,
                    Failure.of(
                            FailureKind.BUSY,
                            "uid " + operator.uid() + " has too many admin connections",
                            "try again in a moment"));
            return;
        }
        context.channel().closeFuture().addListener(_ -> quota.leave(operator.uid()));
        if (operator.role() == Role.NONE) {
            // The refusal is recorded first, which may block.
            base.workers().execute(() -> refuse(context, operator));
        } else {
            requests.install(context.pipeline(), operator);
            context.pipeline().remove(this);
        }
    }

    private void refuse(ChannelHandlerContext context, Operator operator) {
        try {
            base.accountability().admit(operator);
            throw new IllegalStateException("an operator without a role was admitted");
        } catch (AgentException e) {
            base.log()
                    .warn(
                            Event.ADMIN_REFUSED,
                            Key.UID.of(operator.uid()),
                            Key.MESSAGE.of(e.failure().message()));
            turnAway(context, e.failure());
        }
    }

    private static void turnAway(ChannelHandlerContext context, Failure failure) {
        context.pipeline().addFirst(new HttpResponseEncoder());
        Responses.refuse(context.channel(), failure);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        context.close();
    }
}
