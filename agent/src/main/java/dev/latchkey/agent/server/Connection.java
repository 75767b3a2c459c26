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
import dev.latchkey.protocol.MalformedException;
import dev.latchkey.protocol.Parcel;
import dev.latchkey.protocol.Refusal;
import dev.latchkey.protocol.Supply;
import dev.latchkey.protocol.Version;
import io.netty.channel.IoEvent;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.unix.FileDescriptor;
import io.netty.channel.unix.Socket;
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
 * <p>A request that is there when its connection is accepted, and waits for nothing, is answered and over before anybody else has a turn: the
 * connection is registered with the loop, and gets its timer, only when it has to wait. There is one timer, and whatever is waited for it is
 * armed: no peer can keep a connection by doing nothing.
 */
final class Connection implements EpollIoHandle {
    /** What a connection that was refused may still send before it is cut off. */
    private static final int MAX_DISCARDED = 1 << 20;

    /** So many reads in one turn: a request and the end after it. Then others have theirs. */
    private static final int READS = 2;

    /** Only what is told unasked: that the peer has gone. Once, instead of for ever. */
    private static final EpollIoOps GONE = EpollIoOps.EPOLLET;

    private enum State {
        /** Waits for a frame, or for the rest of one. */
        READING,
        /** A request runs; the peer has to wait. */
        ANSWERING,
        /** An answer is on its way. */
        WRITING,
        /** The last answer was given; what still comes is thrown away, so that the peer can read it. */
        PARTING,
        CLOSED
    }

    private final Shared shared;
    private final Listener listener;
    private final Station station;
    private final FileDescriptor socket;
    private final Quota.Place place;
    private final FrameCollector frames = new FrameCollector();
    private Optional<Admission> admission = Optional.empty();
    private Optional<IoRegistration> registration = Optional.empty();
    private EpollIoOps awaited = EpollIoOps.NONE;
    private Optional<Outgoing> outgoing = Optional.empty();
    private Optional<Future<?>> timer = Optional.empty();
    private long rings;
    private long due;
    private Step overdue = () -> {};
    private volatile State state = State.READING;
    private boolean inTurn;
    private boolean answered;
    private boolean inputEnded;
    private int discarded;

    /**
     * @param socket just accepted, and not read from; closed with this
     * @param place its place in the quota, which it gives back
     */
    Connection(Shared shared, Listener listener, Station station, FileDescriptor socket, Quota.Place place) {
        this.shared = shared;
        this.listener = listener;
        this.station = station;
        this.socket = socket;
        this.place = place;
    }

    /** SECURITY: the caller is pinned before its first byte is read. */
    void begin() {
        arm(uneven(shared.limits().firstFrame()), this::unfinished);
        try {
            PinnedCaller pinned = shared.services().attestor().attest(socket.intValue(), listener.entrance());
            admit(Optional.of(pinned), pinned.caller().uid());
            turn(this::read);
        } catch (AgentException e) {
            turnAway(e.failure());
        } catch (RuntimeException | Error e) {
            shared.logFault(e);
            turnAway(Failure.of(FailureKind.CALLER_UNKNOWN, "the caller could not be attested"));
        }
    }

    private void admit(Optional<PinnedCaller> pinned, long uid) {
        admission =
                Optional.of(new Admission(pinned, place, shared.frameMemory().share(uid)));
    }

    private void turnAway(Failure failure) {
        admit(Optional.empty(), Quota.UNKNOWN_UID);
        turn(() -> refuse(failure));
    }

    private void refuse(Failure failure) {
        shared.rejected(admission, failure.kind().text(), failure.message());
        part(Answers.refusal(failure));
    }

    @Override
    public FileDescriptor fd() {
        return socket;
    }

    @Override
    public void handle(IoRegistration r, IoEvent event) {
        turn(this::ready);
    }

    private void ready() throws MalformedException {
        if (outgoing.isPresent()) {
            write();
            return;
        }
        switch (state) {
            case READING -> read();
            case ANSWERING -> interrupted();
            case PARTING -> discard();
            case WRITING, CLOSED -> {}
        }
    }

    /** Something that may fail by what the peer did. */
    @FunctionalInterface
    private interface Step {
        void go() throws MalformedException;
    }

    /** Does that, and waits for what is next. What is done at once comes back in the middle of its own turn. */
    private void turn(Step step) {
        boolean within = inTurn;
        inTurn = true;
        try {
            guarded(step);
            if (!within) {
                await();
            }
        } catch (RuntimeException | Error e) {
            shared.logFault(e);
            close();
        } finally {
            inTurn = within;
        }
    }

    private void guarded(Step step) {
        try {
            step.go();
        } catch (MalformedException e) {
            malformed(e);
        }
    }

    /** Nothing is changed where the same is waited for as before. */
    private void await() {
        if (state == State.CLOSED) {
            return;
        }
        EpollIoOps next = next();
        if (!next.equals(awaited)) {
            registration().submit(next);
            awaited = next;
        }
        setTimer();
    }

    private EpollIoOps next() {
        if (outgoing.isPresent()) {
            return EpollIoOps.EPOLLOUT;
        }
        // Its end would be told again and again.
        return inputEnded ? GONE : EpollIoOps.EPOLLIN;
    }

    private IoRegistration registration() {
        return registration.orElseGet(() -> {
            IoRegistration made =
                    station.loop().register(this).syncUninterruptibly().getNow();
            registration = Optional.of(made);
            station.waits(this);
            return made;
        });
    }

    /** At least three quarters of it: so a crowd that came together is not ended together, and does not come back together. */
    private static Duration uneven(Duration most) {
        long nanos = most.toNanos();
        return Duration.ofNanos(nanos - ThreadLocalRandom.current().nextLong(nanos / 4 + 1));
    }

    private void read() throws MalformedException {
        for (int i = 0; i < READS && state == State.READING && received(); i++) {}
    }

    /** Whether anything came. SECURITY: asked for every piece of a frame whose it is, for a socket can change hands in the middle of one. */
    private boolean received() throws MalformedException {
        ByteBuffer in = station.input();
        try {
            Sender sender = admission.orElseThrow().pinned().orElseThrow().receive(socket.intValue(), in);
            switch (sender) {
                case CALLER -> collect(in.flip());
                case NOBODY -> {
                    return false;
                }
                case NOBODY_ANY_MORE -> inputEnded();
                case ANOTHER ->
                    refuse(Failure.of(
                            FailureKind.CALLER_UNKNOWN,
                            "the request was sent by another process than the one that connected"));
                // Asking again costs little, and what cannot be told must not pass.
                case UNKNOWN -> refuse(Failure.of(FailureKind.BUSY, "the sender of the request could not be told"));
            }
            return true;
        } finally {
            station.wipeInput();
        }
    }

    private void collect(ByteBuffer in) throws MalformedException {
        if (!admission.orElseThrow().memory().hold(in.remaining())) {
            refuse(Failure.of(FailureKind.BUSY, "too many bytes of requests at once"));
            return;
        }
        if (answered && frames.isEmpty()) {
            arm(shared.limits().frame(), this::unfinished);
        }
        Optional<FrameCollector.Frame> frame = frames.add(in);
        if (frame.isEmpty()) {
            return;
        }
        if (in.hasRemaining()) {
            throw new MalformedException(FailureClass.TRAILING, "bytes after the frame");
        }
        complete(frame.get());
    }

    private void complete(FrameCollector.Frame frame) throws MalformedException {
        Version version = frame.header().version();
        switch (frame.header().type()) {
            case CHECK -> answer(Answers.status(shared.services().readiness()).encode(version));
            case SUPPLY -> supply(Supply.decode(frame.body()), version);
            default -> request(shared.recentRequests().decode(frame.body()), version);
        }
    }

    /** The peer did something while its request runs: it may hang up, and may send no more. */
    private void interrupted() throws MalformedException {
        if (inputEnded) {
            close();
            return;
        }
        ByteBuffer in = station.input();
        try {
            switch (admission.orElseThrow().pinned().orElseThrow().receive(socket.intValue(), in)) {
                case NOBODY -> {}
                case NOBODY_ANY_MORE -> inputEnded = true;
                case CALLER, ANOTHER, UNKNOWN ->
                    throw new MalformedException(FailureClass.TRAILING, "bytes before the answer");
            }
        } finally {
            station.wipeInput();
        }
    }

    private void request(RecentRequests.Decoded decoded, Version version) {
        if (!admission.orElseThrow().memory().hold(decoded.heap())) {
            refuse(Failure.of(FailureKind.BUSY, "too many bytes of requests at once"));
            return;
        }
        Duration deadline = decoded.request().deadline();
        begin(deadline, version)
                .ifPresent(exchange -> exchange.start(
                        decoded.launch(), station.loop(), this::isOpen, answering(exchange, deadline, version)));
    }

    private void supply(Supply supply, Version version) {
        Duration deadline = supply.terms().deadline();
        begin(deadline, version)
                .ifPresent(exchange -> exchange.start(
                        Answers.composedRequest(supply),
                        station.loop(),
                        this::isOpen,
                        answering(exchange, deadline, version)));
    }

    /** Absent where no request is served now; then that was said. */
    private Optional<Exchange> begin(Duration deadline, Version version) {
        frames.clear();
        Optional<Failure> failure = shared.notNow();
        if (failure.isPresent()) {
            answer(Answers.refusal(failure.get()).encode(version));
            return Optional.empty();
        }
        Admission admitted = admission.orElseThrow();
        state = State.ANSWERING;
        arm(Limits.answerWithin(deadline), () -> timedOut(deadline));
        return Optional.of(new Exchange(shared, admitted, admitted.pinned().orElseThrow()));
    }

    private Consumer<InjectionResult> answering(Exchange exchange, Duration deadline, Version version) {
        Terms terms = new Terms(version, System.nanoTime() + deadline.toNanos());
        return result -> turn(() -> answered(exchange, result, terms));
    }

    /** How the answer of an exchange must be: its version, and the instant on the monotonic clock when the client gives up. */
    private record Terms(Version version, long end) {}

    /** INVARIANT: whatever fails here, the exchange ends: what it holds of others' places, and of values, it would hold for ever. */
    private void answered(Exchange exchange, InjectionResult result, Terms terms) {
        if (state != State.ANSWERING) {
            exchange.discard(result);
            return;
        }
        try {
            give(exchange, result, terms);
        } catch (RuntimeException | Error e) {
            exchange.discard(result);
            throw e;
        }
    }

    private void give(Exchange exchange, InjectionResult result, Terms terms) {
        if (result instanceof InjectionResult.Delivered delivered) {
            deliver(exchange, delivered.bundle(), terms);
            return;
        }
        if (result instanceof InjectionResult.Refused refused) {
            recordIfBusy(refused);
        }
        answer(frame(result, terms.version()));
        exchange.end();
    }

    /** Of a result without values. What cannot be said is told to be a fault of ours. */
    private ByteBuffer frame(InjectionResult result, Version version) {
        try {
            return Answers.frame(result, version);
        } catch (RuntimeException e) {
            shared.logFault(e);
            return Answers.refusal(
                            Failure.of(FailureKind.INTERNAL, "a fault of the agent", "the agent's log says which"))
                    .encode(version);
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

    private void deliver(Exchange exchange, Bundle bundle, Terms terms) {
        ByteBuffer block = bundle.block().buffer();
        if (block.remaining() > maxBlock(bundle)) {
            exchange.conclude(bundle, HandOver.CONNECTION_LOST);
            answer(Answers.refusal(Failure.of(FailureKind.BUNDLE_TOO_LARGE, "all values together are too large"))
                    .encode(terms.version()));
        } else if (!exchange.caller().alive()) {
            exchange.conclude(bundle, HandOver.CALLER_GONE);
            close();
        } else {
            hand(exchange, bundle, terms);
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
    private void hand(Exchange exchange, Bundle bundle, Terms terms) {
        ByteBuffer block = bundle.block().buffer();
        state = State.WRITING;
        Duration left = Duration.ofNanos(terms.end() - System.nanoTime());
        Duration most = shared.limits().write();
        arm(left.compareTo(most) < 0 ? left : most, this::close);
        send(new Outgoing(
                written -> {
                    exchange.conclude(bundle, written ? HandOver.DELIVERED : HandOver.CONNECTION_LOST);
                    goOn(written);
                },
                station.direct(prefix(bundle, block.remaining(), terms.version())),
                block));
    }

    private void timedOut(Duration deadline) {
        part(Answers.refusal(
                Failure.of(FailureKind.TIMED_OUT, "not done within the deadline of " + deadline.toMillis() + " ms")));
    }

    /** Gives an answer after which the connection goes on. */
    private void answer(ByteBuffer frame) {
        state = State.WRITING;
        arm(shared.limits().write(), this::close);
        write(frame, written -> goOn(written));
    }

    private void goOn(boolean written) {
        if (!written || inputEnded || shared.isDraining()) {
            close();
            return;
        }
        frames.clear();
        admission.ifPresent(a -> a.memory().letGo());
        answered = true;
        state = State.READING;
        arm(shared.limits().idle(), this::unfinished);
    }

    private void malformed(MalformedException e) {
        shared.rejected(admission, e.failureClass().text(), e.detail());
        part(Answers.refusal(e));
    }

    /** Gives the last answer. A socket that is closed with unread bytes resets, so what still comes is read for a moment. */
    private void part(Refusal refusal) {
        frames.clear();
        state = State.PARTING;
        arm(shared.limits().write(), this::close);
        write(refusal.encode(Version.CURRENT), written -> {
            if (!written || inputEnded) {
                close();
                return;
            }
            endOutput();
            arm(shared.limits().parting(), this::close);
        });
    }

    private void write(ByteBuffer frame, Consumer<Boolean> then) {
        send(new Outgoing(then, station.direct(frame)));
    }

    private void send(Outgoing answer) {
        outgoing = Optional.of(answer);
        write();
        outgoing.filter(answer::equals).ifPresent(Outgoing::keep);
    }

    /** Goes on writing, and with what comes after it. */
    private void write() {
        Outgoing answer = outgoing.orElseThrow();
        try {
            if (answer.writeTo(socket)) {
                sent(answer, true);
            }
        } catch (IOException e) {
            // The peer has gone.
            sent(answer, false);
        }
    }

    private void sent(Outgoing answer, boolean written) {
        outgoing = Optional.empty();
        answer.ended(written);
    }

    private void endOutput() {
        try {
            new Socket(socket.intValue()).shutdown(false, true);
        } catch (IOException e) {
            // The peer has gone; the next read says so.
        }
    }

    /** Reads what nobody wants any more. */
    private void discard() {
        ByteBuffer in = station.input();
        try {
            int came = socket.read(in, 0, in.capacity());
            in.position(Math.max(0, came));
            discarded += Math.max(0, came);
            if (came < 0 || discarded > MAX_DISCARDED) {
                close();
            }
        } catch (IOException e) {
            close();
        } finally {
            station.wipeInput();
        }
    }

    /** The time for a frame is over, or the peer sends no more. */
    private void unfinished() {
        if (frames.isEmpty()) {
            close();
        } else {
            malformed(frames.truncated());
        }
    }

    private void inputEnded() {
        inputEnded = true;
        unfinished();
    }

    /** The server begins to drain: a connection that asks for nothing is over. */
    void drain() {
        if (state == State.READING && frames.isEmpty()) {
            close();
        }
    }

    private boolean isOpen() {
        return state != State.CLOSED;
    }

    /** Ends it wherever it is. */
    @Override
    public void close() {
        if (state == State.CLOSED) {
            return;
        }
        state = State.CLOSED;
        timer.ifPresent(t -> t.cancel(false));
        registration.ifPresent(IoRegistration::cancel);
        Descriptors.close(socket);
        station.ended(this);
        frames.clear();
        outgoing.ifPresent(answer -> sent(answer, false));
        admission.ifPresent(Admission::release);
        admission = Optional.empty();
    }

    /** From now on that much time is left, of which the timer is told when there is something to wait for. */
    private void arm(Duration after, Step then) {
        due = System.nanoTime() + after.toNanos();
        overdue = then;
    }

    /** The timer is set again only where it would ring too late; else it sees then that time is left. */
    private void setTimer() {
        if (timer.isEmpty() || due - rings < 0) {
            timer.ifPresent(t -> t.cancel(false));
            rings = due;
            timer = Optional.of(station.loop().schedule(this::rang, due - System.nanoTime(), TimeUnit.NANOSECONDS));
        }
    }

    private void rang() {
        timer = Optional.empty();
        turn(due - System.nanoTime() > 0 ? () -> {} : overdue);
    }
}
