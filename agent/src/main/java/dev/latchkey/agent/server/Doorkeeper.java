package dev.latchkey.agent.server;

import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.socket.AcceptFailures;
import dev.latchkey.protocol.Version;
import io.netty.channel.IoEvent;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.epoll.LinuxSocket;
import io.netty.channel.unix.FileDescriptor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Accepts whoever comes to a door, and decides who is let in now, who waits in a line and who is turned away.
 *
 * <p>To accept costs a few microseconds, to let in ten times that. So a crowd that comes at once is taken off the backlog quickly; who has
 * hardly any connections goes past it, and the others follow a few at a time between the requests of everybody. Who finds no place in the
 * quota is told so right here. Everything but {@link #open} and {@link #close} runs on its event loop.
 */
final class Doorkeeper implements EpollIoHandle {
    /** Taken off the backlog before others have their turn. */
    private static final int ROUND = 256;

    /** Of a round so many are let in at once, whoever they are: what a busy machine starts together is no crowd. */
    private static final int NO_CROWD = 64;

    /** Of the line are let in so many at a time. */
    private static final int PORTION = 8;

    /** From one portion to the next, if the event loop has nothing else to do. */
    private static final long BREATH_MICROS = 100;

    /** {@code EPOLLEXCLUSIVE}: who comes wakes one event loop, not all. */
    private static final int EXCLUSIVE = 1 << 28;

    private static final EpollIoOps ARRIVALS = EpollIoOps.valueOf(EpollIoOps.EPOLLIN.value() | EXCLUSIVE);

    private static final Failure FULL = Failure.of(FailureKind.BUSY, "too many connections");

    private final Shared shared;
    private final Listener listener;
    private final LinuxSocket socket;
    private final Station station;
    private final AcceptFailures failures;
    private final ByteBuffer full = direct(Answers.refusal(FULL).encode(Version.CURRENT));
    /** As long as Netty wants it for the address of a peer, of which there is none here. */
    private final byte[] address = new byte[26];

    private final Deque<Arrival> line = new ArrayDeque<>();
    private boolean portionIsDue;
    private Optional<IoRegistration> registration = Optional.empty();
    private boolean closed;

    /** A connection that was accepted and has its place in the quota. */
    private record Arrival(int fd, Quota.Place place) {}

    /**
     * @param socket listens; closing it is for others
     */
    Doorkeeper(Shared shared, Listener listener, LinuxSocket socket, Station station) {
        this.shared = shared;
        this.listener = listener;
        this.socket = socket;
        this.station = station;
        this.failures = new AcceptFailures(shared.services().log());
    }

    /** Accepts from now on. Blocks. */
    void open() {
        station.loop().submit(this::listen).syncUninterruptibly();
    }

    @Override
    public FileDescriptor fd() {
        return socket;
    }

    private void listen() {
        IoRegistration made =
                station.loop().register(this).syncUninterruptibly().getNow();
        registration = Optional.of(made);
        made.submit(ARRIVALS);
    }

    private void pause(Exception cause) {
        failures.record(cause);
        ignore();
        var _ = station.loop().schedule(this::goOn, AcceptFailures.PAUSE.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** INVARIANT: a door that is open is listened at again, however often the kernel has no room for that. */
    private void goOn() {
        if (closed) {
            return;
        }
        try {
            listen();
        } catch (RuntimeException e) {
            pause(e);
        }
    }

    /** What waits for arrivals exclusively cannot be changed, only taken away. */
    private void ignore() {
        registration.ifPresent(IoRegistration::cancel);
        registration = Optional.empty();
    }

    @Override
    public void handle(IoRegistration r, IoEvent event) {
        try {
            round();
        } catch (IOException e) {
            pause(e);
        } catch (RuntimeException | Error e) {
            // It would end the event loop, and everybody's connections with it.
            shared.logFault(e);
            pause(new IOException("a fault of the agent"));
        }
    }

    private void round() throws IOException {
        for (int i = 0; i < ROUND; i++) {
            int fd = socket.accept(address);
            if (fd < 0) {
                return;
            }
            arrived(fd, i < NO_CROWD);
        }
    }

    private void arrived(int fd, boolean noCrowd) {
        long uid = shared.services().attestor().uid(fd).orElse(Quota.UNKNOWN_UID);
        Optional<Quota.Place> place = shared.quota().take(uid);
        if (place.isEmpty()) {
            turnAway(fd);
        } else if (place.get().isOfFew() || (noCrowd && line.isEmpty())) {
            letIn(fd, place.get());
        } else {
            queue(new Arrival(fd, place.get()));
        }
    }

    private void letIn(int fd, Quota.Place place) {
        new Connection(shared, listener, station, new FileDescriptor(fd), place).begin();
    }

    private void queue(Arrival arrival) {
        line.add(arrival);
        nextPortion();
    }

    /** INVARIANT: while somebody is in line, a portion is due, or the next who comes makes it so. */
    private void nextPortion() {
        if (!portionIsDue && !line.isEmpty()) {
            var _ = station.loop().schedule(this::portion, BREATH_MICROS, TimeUnit.MICROSECONDS);
            portionIsDue = true;
        }
    }

    private void portion() {
        portionIsDue = false;
        try {
            for (int i = 0; i < PORTION && !line.isEmpty(); i++) {
                Arrival arrival = line.remove();
                letIn(arrival.fd, arrival.place);
            }
        } finally {
            nextPortion();
        }
    }

    private void turnAway(int fd) {
        shared.rejected(Optional.empty(), FULL.kind().text(), FULL.message());
        FileDescriptor peer = new FileDescriptor(fd);
        try {
            // No waiting for its frame, nor for its reading: there is no place to wait in.
            var _ = peer.write(full, 0, full.limit());
        } catch (IOException e) {
            // It has gone already.
        } finally {
            Descriptors.close(peer);
        }
    }

    /** Accepts nobody any more, and closes the connections of those who still wait in line. Blocks. */
    @Override
    public void close() {
        if (station.loop().inEventLoop()) {
            end();
        } else {
            station.loop().submit(this::end).awaitUninterruptibly();
        }
    }

    private void end() {
        closed = true;
        ignore();
        while (!line.isEmpty()) {
            Arrival arrival = line.remove();
            Descriptors.close(new FileDescriptor(arrival.fd));
            arrival.place.giveBack();
        }
    }

    private static ByteBuffer direct(ByteBuffer bytes) {
        return ByteBuffer.allocateDirect(bytes.remaining()).put(bytes).flip();
    }
}
