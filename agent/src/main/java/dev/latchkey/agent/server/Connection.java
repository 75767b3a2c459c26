package dev.latchkey.agent.server;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.injection.Bundle;
import dev.latchkey.agent.injection.InjectionResult;
import dev.latchkey.agent.injection.Injector.HandOver;
import dev.latchkey.agent.workload.PinnedCaller;
import dev.latchkey.agent.workload.Sender;
import dev.latchkey.protocol.Delivery;
import dev.latchkey.protocol.FailureClass;
import dev.latchkey.protocol.FrameType;
import dev.latchkey.protocol.MalformedException;
import dev.latchkey.protocol.Parcel;
import dev.latchkey.protocol.Refusal;
import dev.latchkey.protocol.Supply;
import dev.latchkey.protocol.Version;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.unix.UnixChannel;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * One connection: reads a frame, gives its answer, reads the next. Everything here runs on the connection's event loop.
 *
 * <p>There is one timer, and in every state it is armed: no peer can keep a connection by doing nothing.
 */
final class Connection extends ChannelInboundHandlerAdapter {
    /** Fired at every connection when the server begins to drain. */
    static final Object DRAIN = new Object();

    /** A request of a handful of bindings comes in one piece. */
    private static final int READ_BYTES = 4_096;

    /** What a connection that was refused may still send before it is cut off. */
    private static final int MAX_DISCARDED = 1 << 20;

    private enum State {
        /** Waits for a frame, or for the rest of one. */
        READING,
        /** A request runs; the peer has to wait. */
        ANSWERING,
        /** An answer is on its way. */
        WRITING,
        /** The last answer was given; what still comes is thrown away, so that the peer can read it. */
        PARTING
    }

    private final Shared shared;
    private final Listener listener;
    private final Quota.Place place;
    private final FrameCollector frames = new FrameCollector();
    private Optional<CheckedReads> reads = Optional.empty();
    private Optional<Admission> admission = Optional.empty();
    private Optional<Failure> turnedAway = Optional.empty();
    private Optional<Future<?>> timer = Optional.empty();
    private long rings;
    private long due;
    private Runnable overdue = () -> {};
    private State state = State.READING;
    private boolean answered;
    private boolean inputEnded;
    private int discarded;

    /**
     * @param place its place in the quota, which it gives back
     */
    Connection(Shared shared, Listener listener, Quota.Place place) {
        this.shared = shared;
        this.listener = listener;
        this.place = place;
    }

    /** SECURITY: the channel is not registered for reading yet, so the caller is pinned before its first byte is read. */
    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        int socket = ((UnixChannel) ctx.channel()).fd().intValue();
        Optional<PinnedCaller> caller = attested(socket);
        reads = caller.map(pinned -> new CheckedReads(pinned, socket, READ_BYTES));
        reads.ifPresent(ctx.channel().config()::setRecvByteBufAllocator);
        long uid = caller.map(pinned -> pinned.caller().uid()).orElse(Quota.UNKNOWN_UID);
        admission =
                Optional.of(new Admission(caller, place, shared.frameMemory().share(uid)));
        arm(ctx, uneven(shared.limits().firstFrame()), () -> unfinished(ctx));
    }

    private Optional<PinnedCaller> attested(int socket) {
        try {
            return Optional.of(shared.services().attestor().attest(socket, listener.entrance()));
        } catch (AgentException e) {
            return turnAway(e.failure());
        } catch (RuntimeException e) {
            // Netty would leave a connection open whose handler failed here.
            shared.logFault(e);
            return turnAway(Failure.of(FailureKind.CALLER_UNKNOWN, "the caller could not be attested"));
        }
    }

    private Optional<PinnedCaller> turnAway(Failure failure) {
        turnedAway = Optional.of(failure);
        return Optional.empty();
    }

    /** At least three quarters of it: so a crowd that came together is not ended together, and does not come back together. */
    private static Duration uneven(Duration most) {
        long nanos = most.toNanos();
        return Duration.ofNanos(nanos - ThreadLocalRandom.current().nextLong(nanos / 4 + 1));
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf in = (ByteBuf) message;
        try {
            received(ctx, in);
        } catch (MalformedException e) {
            malformed(ctx, e);
        } finally {
            in.release();
        }
    }

    private void received(ChannelHandlerContext ctx, ByteBuf in) throws MalformedException {
        switch (state) {
            case READING -> collect(ctx, in);
            case ANSWERING -> throw new MalformedException(FailureClass.TRAILING, "bytes before the answer");
            // In the middle of an answer nothing can be said any more.
            case WRITING -> close(ctx);
            case PARTING -> {
                discarded += in.readableBytes();
                if (discarded > MAX_DISCARDED) {
                    close(ctx);
                }
            }
        }
    }

    private void collect(ChannelHandlerContext ctx, ByteBuf in) throws MalformedException {
        if (!admission.orElseThrow().memory().hold(in.readableBytes())) {
            Failure busy = Failure.of(FailureKind.BUSY, "too many bytes of requests at once");
            shared.rejected(admission, busy.kind().text(), busy.message());
            part(ctx, Answers.refusal(busy));
            return;
        }
        if (isForeign(ctx)) {
            return;
        }
        if (answered && frames.isEmpty()) {
            arm(ctx, shared.limits().frame(), () -> unfinished(ctx));
        }
        Optional<FrameCollector.Frame> frame = frames.add(in);
        if (frame.isEmpty()) {
            return;
        }
        if (in.isReadable()) {
            throw new MalformedException(FailureClass.TRAILING, "bytes after the frame");
        }
        complete(ctx, frame.get());
    }

    /** SECURITY: asked for every piece of a frame, for a socket can change hands in the middle of one. */
    private boolean isForeign(ChannelHandlerContext ctx) {
        Optional<Failure> failure = reads.map(CheckedReads::sender).flatMap(Connection::failure);
        failure.ifPresent(f -> {
            shared.rejected(admission, f.kind().text(), f.message());
            part(ctx, Answers.refusal(f));
        });
        return failure.isPresent();
    }

    private static Optional<Failure> failure(Sender sender) {
        return switch (sender) {
            case CALLER -> Optional.empty();
            case ANOTHER ->
                Optional.of(Failure.of(
                        FailureKind.CALLER_UNKNOWN,
                        "the request was sent by another process than the one that connected"));
            // Asking again costs little, and what cannot be told must not pass.
            case NOBODY, UNKNOWN ->
                Optional.of(Failure.of(FailureKind.BUSY, "the sender of the request could not be told"));
        };
    }

    private void complete(ChannelHandlerContext ctx, FrameCollector.Frame frame) throws MalformedException {
        if (turnedAway.isPresent()) {
            Failure failure = turnedAway.get();
            shared.rejected(admission, failure.kind().text(), failure.message());
            part(ctx, Answers.refusal(failure));
        } else if (frame.header().type() == FrameType.CHECK) {
            answer(
                    ctx,
                    Answers.status(shared.services().readiness())
                            .encode(frame.header().version()));
        } else if (frame.header().type() == FrameType.SUPPLY) {
            supply(ctx, Supply.decode(frame.body()), frame.header().version());
        } else {
            request(
                    ctx,
                    shared.recentRequests().decode(frame.body()),
                    frame.header().version());
        }
    }

    private void request(ChannelHandlerContext ctx, RecentRequests.Decoded decoded, Version version) {
        Duration deadline = decoded.request().deadline();
        begin(ctx, deadline, version)
                .ifPresent(exchange -> exchange.start(
                        decoded.launch(),
                        ctx.executor(),
                        ctx.channel()::isActive,
                        answering(ctx, exchange, deadline, version)));
    }

    private void supply(ChannelHandlerContext ctx, Supply supply, Version version) {
        Duration deadline = supply.terms().deadline();
        begin(ctx, deadline, version)
                .ifPresent(exchange -> exchange.start(
                        Answers.composedRequest(supply),
                        ctx.executor(),
                        ctx.channel()::isActive,
                        answering(ctx, exchange, deadline, version)));
    }

    /** Absent where no request is served now; then that was said. */
    private Optional<Exchange> begin(ChannelHandlerContext ctx, Duration deadline, Version version) {
        frames.clear();
        Optional<Failure> failure = shared.notNow();
        if (failure.isPresent()) {
            answer(ctx, Answers.refusal(failure.get()).encode(version));
            return Optional.empty();
        }
        Admission admitted = admission.orElseThrow();
        state = State.ANSWERING;
        arm(ctx, Limits.answerWithin(deadline), () -> timedOut(ctx, deadline));
        return Optional.of(new Exchange(shared, admitted, admitted.pinned().orElseThrow()));
    }

    private Consumer<InjectionResult> answering(
            ChannelHandlerContext ctx, Exchange exchange, Duration deadline, Version version) {
        Terms terms = new Terms(version, System.nanoTime() + deadline.toNanos());
        return result -> answered(ctx, exchange, result, terms);
    }

    /** How the answer of an exchange must be: its version, and the instant on the monotonic clock when the client gives up. */
    private record Terms(Version version, long end) {}

    private void answered(ChannelHandlerContext ctx, Exchange exchange, InjectionResult result, Terms terms) {
        if (state != State.ANSWERING) {
            exchange.discard(result);
            return;
        }
        switch (result) {
            case InjectionResult.Delivered delivered -> deliver(ctx, exchange, delivered.bundle(), terms);
            case InjectionResult.Refused refused -> {
                recordIfBusy(refused);
                answer(ctx, Answers.refusal(refused).encode(terms.version()));
                exchange.end();
            }
            case InjectionResult.Asked asked -> {
                answer(ctx, Answers.ask(asked).encode(terms.version()));
                exchange.end();
            }
            case InjectionResult.Planned planned -> {
                answer(ctx, Answers.plan(planned).encode(terms.version()));
                exchange.end();
            }
        }
    }

    /** The injector records what it decides; that it decided nothing is for us to tell. */
    private void recordIfBusy(InjectionResult.Refused refused) {
        refused.failures().stream()
                .map(InjectionResult.BindingFailure::failure)
                .filter(failure -> failure.kind() == FailureKind.BUSY)
                .findFirst()
                .ifPresent(busy -> shared.rejected(admission, busy.kind().text(), busy.message()));
    }

    private void deliver(ChannelHandlerContext ctx, Exchange exchange, Bundle bundle, Terms terms) {
        ByteBuffer block = bundle.block().buffer();
        if (block.remaining() > maxBlock(bundle)) {
            exchange.conclude(bundle, HandOver.CONNECTION_LOST);
            answer(
                    ctx,
                    Answers.refusal(Failure.of(FailureKind.BUNDLE_TOO_LARGE, "all values together are too large"))
                            .encode(terms.version()));
        } else if (!exchange.caller().alive()) {
            exchange.conclude(bundle, HandOver.CALLER_GONE);
            close(ctx);
        } else {
            hand(ctx, exchange, bundle, terms);
        }
    }

    private static int maxBlock(Bundle bundle) {
        return bundle.parcel()
                .map(Parcel.Prefix::maxBlock)
                .orElseGet(() -> Delivery.Prefix.maxBlock(bundle.removed().size()));
    }

    private static ByteBuffer prefix(Bundle bundle, int blockBytes, Version version) {
        Optional<Long> grant = Optional.of(bundle.grant());
        return bundle.parcel()
                .map(removed -> new Parcel.Prefix(grant, removed, bundle.count(), blockBytes).encode(version))
                .orElseGet(
                        () -> new Delivery.Prefix(grant, bundle.removed(), bundle.count(), blockBytes).encode(version));
    }

    /** SECURITY: the block goes to the kernel from its own segment, which lives until the write has ended either way. */
    private void hand(ChannelHandlerContext ctx, Exchange exchange, Bundle bundle, Terms terms) {
        ByteBuffer block = bundle.block().buffer();
        state = State.WRITING;
        Duration left = Duration.ofNanos(terms.end() - System.nanoTime());
        Duration most = shared.limits().write();
        arm(ctx, left.compareTo(most) < 0 ? left : most, () -> close(ctx));
        var _ = ctx.write(Unpooled.wrappedBuffer(prefix(bundle, block.remaining(), terms.version())));
        var _ = ctx.writeAndFlush(Unpooled.wrappedBuffer(block)).addListener(written -> {
            exchange.conclude(bundle, written.isSuccess() ? HandOver.DELIVERED : HandOver.CONNECTION_LOST);
            next(ctx, written.isSuccess());
        });
    }

    private void timedOut(ChannelHandlerContext ctx, Duration deadline) {
        part(
                ctx,
                Answers.refusal(Failure.of(
                        FailureKind.TIMED_OUT, "not done within the deadline of " + deadline.toMillis() + " ms")));
    }

    /** Gives an answer after which the connection goes on. */
    private void answer(ChannelHandlerContext ctx, ByteBuffer frame) {
        state = State.WRITING;
        arm(ctx, shared.limits().write(), () -> close(ctx));
        write(ctx, frame, written -> next(ctx, written.isSuccess()));
    }

    private void next(ChannelHandlerContext ctx, boolean written) {
        if (!written || inputEnded || shared.isDraining()) {
            close(ctx);
            return;
        }
        frames.clear();
        admission.ifPresent(a -> a.memory().letGo());
        answered = true;
        state = State.READING;
        arm(ctx, shared.limits().idle(), () -> unfinished(ctx));
    }

    private void malformed(ChannelHandlerContext ctx, MalformedException e) {
        shared.rejected(admission, e.failureClass().text(), e.detail());
        part(ctx, Answers.refusal(e));
    }

    /** Gives the last answer. A socket that is closed with unread bytes resets, so what still comes is read for a moment. */
    private void part(ChannelHandlerContext ctx, Refusal refusal) {
        frames.clear();
        state = State.PARTING;
        arm(ctx, shared.limits().write(), () -> close(ctx));
        write(ctx, refusal.encode(Version.CURRENT), written -> {
            if (!written.isSuccess() || inputEnded) {
                close(ctx);
                return;
            }
            var _ = ((DuplexChannel) ctx.channel()).shutdownOutput();
            arm(ctx, shared.limits().parting(), () -> close(ctx));
        });
    }

    private static void write(ChannelHandlerContext ctx, ByteBuffer frame, ChannelFutureListener then) {
        var _ = ctx.writeAndFlush(Unpooled.wrappedBuffer(frame)).addListener(then);
    }

    /** The time for a frame is over, or the peer sends no more. */
    private void unfinished(ChannelHandlerContext ctx) {
        if (frames.isEmpty()) {
            close(ctx);
        } else {
            malformed(ctx, frames.truncated());
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            inputEnded(ctx);
        } else if (event == DRAIN && state == State.READING && frames.isEmpty()) {
            close(ctx);
        }
    }

    private void inputEnded(ChannelHandlerContext ctx) {
        inputEnded = true;
        switch (state) {
            case READING -> unfinished(ctx);
            // Who only sends no more still waits for the answer.
            case ANSWERING, WRITING -> {}
            case PARTING -> close(ctx);
        }
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        state = State.PARTING;
        timer.ifPresent(t -> t.cancel(false));
        frames.clear();
        admission.ifPresent(Admission::release);
        admission = Optional.empty();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (!(cause instanceof IOException)) {
            shared.logFault(cause);
        }
        close(ctx);
    }

    private static void close(ChannelHandlerContext ctx) {
        var _ = ctx.close();
    }

    /** From now on that much time is left. The timer is set again only where it would ring too late; else it sees then that time is left. */
    private void arm(ChannelHandlerContext ctx, Duration after, Runnable then) {
        due = System.nanoTime() + after.toNanos();
        overdue = then;
        if (timer.isEmpty() || due - rings < 0) {
            timer.ifPresent(t -> t.cancel(false));
            set(ctx, after.toNanos());
        }
    }

    private void set(ChannelHandlerContext ctx, long nanos) {
        rings = due;
        timer = Optional.of(ctx.executor().schedule(() -> rang(ctx), nanos, TimeUnit.NANOSECONDS));
    }

    private void rang(ChannelHandlerContext ctx) {
        timer = Optional.empty();
        long left = due - System.nanoTime();
        if (left > 0) {
            set(ctx, left);
        } else {
            overdue.run();
        }
    }
}
