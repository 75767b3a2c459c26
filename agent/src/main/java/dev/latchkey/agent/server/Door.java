package dev.latchkey.agent.server;

import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.socket.AcceptFailures;
import dev.latchkey.protocol.Version;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoEvent;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.epoll.LinuxSocket;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.FileDescriptor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The door of a workload socket: accepts whoever comes, and decides who is let in now, who waits in a line and who is turned away.
 *
 * <p>To accept costs a few microseconds, to let in ten times that. So a crowd that comes at once is taken off the backlog quickly; who has
 * hardly any connections goes past it, and the others follow a few at a time between the requests of everybody. Who finds no place in the
 * quota is told so right here. Everything but {@link #bind}, {@link #open} and {@link #close} runs on its event loop.
 */
final class Door implements EpollIoHandle {
    private static final int BACKLOG = 4_096;

    /** Taken off the backlog before others have their turn. */
    private static final int ROUND = 256;

    /** Of a round so many are let in at once, whoever they are: what a busy machine starts together is no crowd. */
    private static final int NO_CROWD = 64;

    /** Of the line are let in so many at a time. */
    private static final int PORTION = 8;

    /** From one portion to the next, if the event loop has nothing else to do. */
    private static final long BREATH_MICROS = 100;

    private static final Failure FULL = Failure.of(FailureKind.BUSY, "too many connections");

    private final Shared shared;
    private final LinuxSocket socket;
    private final IoEventLoop loop;
    private final Room room;
    private final AcceptFailures failures;
    private final ByteBuffer full = direct(Answers.refusal(FULL).encode(Version.CURRENT));
    /** As long as Netty wants it for the address of a peer, of which there is none here. */
    private final byte[] address = new byte[26];

    private final Deque<Arrival> line = new ArrayDeque<>();
    private Optional<IoRegistration> registration = Optional.empty();

    /** Takes over who is let in. */
    @FunctionalInterface
    interface Room {
        /** The connection is not read from yet. Whoever takes it gives the place back once. */
        void take(EpollDomainSocketChannel connection, Quota.Place place);
    }

    /** A connection that was accepted and has its place in the quota. */
    private record Arrival(int fd, Quota.Place place) {}

    private Door(Shared shared, LinuxSocket socket, IoEventLoop loop, Room room) {
        this.shared = shared;
        this.socket = socket;
        this.loop = loop;
        this.room = room;
        this.failures = new AcceptFailures(shared.services().log());
    }

    /**
     * Listens at that path, and lets nobody in yet.
     *
     * @throws IOException if the path cannot be had
     */
    static Door bind(Shared shared, Path path, EventLoopGroup loops, Room room) throws IOException {
        LinuxSocket socket = LinuxSocket.newSocketDomain();
        try {
            socket.bind(new DomainSocketAddress(path.toString()));
            socket.listen(BACKLOG);
        } catch (IOException e) {
            socket.close();
            throw e;
        }
        return new Door(shared, socket, (IoEventLoop) loops.next(), room);
    }

    /** From now on lets in. */
    void open() {
        loop.register(this)
                .addListener(done -> {
                    registration = Optional.of((IoRegistration) done.getNow());
                    await(EpollIoOps.EPOLLIN);
                })
                .syncUninterruptibly();
    }

    @Override
    public FileDescriptor fd() {
        return socket;
    }

    private void await(EpollIoOps ops) {
        registration.filter(IoRegistration::isValid).ifPresent(r -> r.submit(ops));
    }

    @Override
    public void handle(IoRegistration r, IoEvent event) {
        try {
            round();
        } catch (IOException e) {
            failures.record(e);
            await(EpollIoOps.NONE);
            var _ = loop.schedule(
                    () -> await(EpollIoOps.EPOLLIN), AcceptFailures.PAUSE.toMillis(), TimeUnit.MILLISECONDS);
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
        room.take(new EpollDomainSocketChannel(fd, true), place);
    }

    private void queue(Arrival arrival) {
        line.add(arrival);
        if (line.size() == 1) {
            nextPortion();
        }
    }

    private void nextPortion() {
        var _ = loop.schedule(this::portion, BREATH_MICROS, TimeUnit.MICROSECONDS);
    }

    private void portion() {
        for (int i = 0; i < PORTION && !line.isEmpty(); i++) {
            Arrival arrival = line.remove();
            letIn(arrival.fd, arrival.place);
        }
        if (!line.isEmpty()) {
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
            close(peer);
        }
    }

    /** Closes the socket, and the connections of those who still wait in line. Blocks. */
    @Override
    public void close() {
        if (loop.inEventLoop()) {
            end();
        } else {
            loop.submit(this::end).awaitUninterruptibly();
        }
    }

    private void end() {
        registration.ifPresent(IoRegistration::cancel);
        registration = Optional.empty();
        close(socket);
        while (!line.isEmpty()) {
            Arrival arrival = line.remove();
            close(new FileDescriptor(arrival.fd));
            arrival.place.giveBack();
        }
    }

    private static void close(FileDescriptor descriptor) {
        try {
            descriptor.close();
        } catch (IOException e) {
            // The kernel has let go of it all the same.
        }
    }

    private static ByteBuffer direct(ByteBuffer bytes) {
        return ByteBuffer.allocateDirect(bytes.remaining()).put(bytes).flip();
    }
}
