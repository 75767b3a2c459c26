package dev.latchkey.agent.server;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.socket.SocketFile;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Listens on the workload sockets. {@link #start} once, then {@link #drain} once. */
public final class WorkloadServer {
    /** Of a read from a peer that could not be attested and is only waited for to be refused. */
    private static final int UNATTESTED_BYTES = 1_024;

    /** Longer than closing ever takes, unless there is no thread to do it. */
    private static final long CLOSING_MILLIS = 2_000;

    private final Shared shared;
    private final EventLoopGroup loops;
    private final ChannelGroup connections;
    private final List<Door> doors = new ArrayList<>();
    private final List<SocketFile> files = new ArrayList<>();

    public WorkloadServer(Services services, Limits limits) {
        this.shared = new Shared(services, limits);
        this.loops = new MultiThreadIoEventLoopGroup(
                limits.eventLoops(), new DefaultThreadFactory("workloads", true), StayingIoHandler.factory());
        // Not Netty's own thread for such things, which cannot be made where there is no memory left.
        this.connections = new DefaultChannelGroup(loops.next());
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
        shared.services().attestor().listening(door.fd().intValue());
        door.open();
        file.publish();
    }

    private Door bind(Listener listener, Path path) {
        try {
            return Door.bind(shared, path, loops, (channel, place) -> take(listener, channel, place));
        } catch (IOException e) {
            throw SocketFile.failed(listener.place(), e);
        }
    }

    private void take(Listener listener, EpollDomainSocketChannel channel, Quota.Place place) {
        channel.config()
                // SECURITY: pooled buffers keep what went through them; a request may hold a token.
                .setAllocator(UnpooledByteBufAllocator.DEFAULT)
                .setRecvByteBufAllocator(new FixedRecvByteBufAllocator(UNATTESTED_BYTES))
                .setAllowHalfClosure(true);
        channel.pipeline().addLast(new Connection(shared, listener, place));
        connections.add(channel);
        loops.register(channel).addListener(registered -> {
            if (!registered.isSuccess()) {
                channel.unsafe().closeForcibly();
                place.giveBack();
            }
        });
    }

    /**
     * Removes the sockets that are still ours, accepts nothing more, lets what runs finish, then ends every connection. Blocks.
     *
     * @param most how long what runs may take
     */
    public void drain(Duration most) {
        shared.drain();
        files.forEach(SocketFile::remove);
        doors.forEach(Door::close);
        doors.clear();
        connections.forEach(channel -> channel.pipeline().fireUserEventTriggered(Connection.DRAIN));
        awaitRunning(most);
        connections.close().awaitUninterruptibly(CLOSING_MILLIS);
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(CLOSING_MILLIS);
    }

    private void awaitRunning(Duration most) {
        try {
            shared.running().awaitNone(most);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
