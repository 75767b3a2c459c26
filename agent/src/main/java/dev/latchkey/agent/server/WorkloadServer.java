package dev.latchkey.agent.server;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.socket.SocketFile;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoEventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/** Listens on the workload sockets. {@link #start} once, then {@link #drain} once. */
public final class WorkloadServer {
    /** Longer than closing ever takes, unless there is no thread to do it. */
    private static final long CLOSING_MILLIS = 2_000;

    private final Shared shared;
    private final EventLoopGroup loops;
    private final List<Station> stations;
    private final List<Door> doors = new ArrayList<>();
    private final List<SocketFile> files = new ArrayList<>();

    public WorkloadServer(Services services, Limits limits) {
        this.shared = new Shared(services, limits);
        this.loops = new MultiThreadIoEventLoopGroup(
                limits.eventLoops(), new DefaultThreadFactory("workloads", true), EpollIoHandler.newFactory());
        this.stations = IntStream.range(0, limits.eventLoops())
                .mapToObj(_ -> new Station((IoEventLoop) loops.next()))
                .toList();
    }

    /**
     * Listens on all of them, or on none. May block.
     *
     * @throws AgentException of kind {@code STATE_UNUSABLE} if a socket is in use, is something else, or cannot be made
     */
    public void start(List<Listener> listeners) {
        try {
            listeners.forEach(this::listen);
        } catch (AgentException e) {
            drain(Duration.ZERO);
            throw e;
        }
    }

    private void listen(Listener listener) {
        SocketFile file = SocketFile.claim(listener.place(), loops);
        files.add(file);
        Door door = bind(listener, file.temporary());
        doors.add(door);
        shared.services().attestor().listening(door.descriptor());
        door.open();
        file.publish();
    }

    private Door bind(Listener listener, Path path) {
        try {
            return Door.bind(shared, listener, path, stations);
        } catch (IOException e) {
            throw SocketFile.failed(listener.place(), e);
        }
    }

    /**
     * Removes the sockets that are still ours, accepts nothing more, lets what runs finish, then ends every connection. Blocks.
     *
     * @param most how long what runs may take
     */
    public void drain(Duration most) {
        if (shared.isDraining()) {
            return;
        }
        shared.drain();
        files.forEach(SocketFile::remove);
        doors.forEach(Door::close);
        doors.clear();
        ofAll(Connection::drain);
        awaitRunning(most);
        ofAll(Connection::close);
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(CLOSING_MILLIS);
    }

    private void ofAll(Consumer<Connection> end) {
        stations.stream()
                .map(station -> station.loop().submit(() -> station.waiting().forEach(end)))
                .toList()
                .forEach(told -> told.awaitUninterruptibly(CLOSING_MILLIS));
    }

    private void awaitRunning(Duration most) {
        try {
            shared.running().awaitNone(most);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
