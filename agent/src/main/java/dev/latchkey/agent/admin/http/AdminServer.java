package dev.latchkey.agent.admin.http;

import dev.latchkey.agent.admin.Accountability;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.socket.AcceptPause;
import dev.latchkey.agent.socket.SocketFile;
import dev.latchkey.agent.socket.SocketPlace;
import dev.latchkey.agent.telemetry.Log;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.unix.DomainSocketAddress;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Executor;

/** Serves the admin commands on one Unix socket, from construction until it is closed. */
public final class AdminServer implements AutoCloseable {
    /** SECURITY: an owner's socket must not be crowded by whoever merely may connect, nor the log by their refusals. */
    private static final PeerQuota.Limits STRANGERS = new PeerQuota.Limits(4, 10, 1);

    /** Longer than closing ever takes, unless there is no thread to do it. */
    private static final long CLOSING_MILLIS = 2_000;

    private final Path path;
    private final SocketFile file;
    private final Channel listening;
    private final ChannelGroup open;

    /**
     * What the server stands on.
     *
     * @param group of epoll event loops
     * @param workers carry requests out; one virtual thread for each
     */
    public record Base(
            EventLoopGroup group,
            Executor workers,
            PeerCredentials credentials,
            Accountability accountability,
            Log log) {}

    /**
     * Binds and serves.
     *
     * @throws AgentException {@code STATE_UNUSABLE} if the socket cannot be placed
     */
    public AdminServer(Path path, Base base, Routes routes, AdminSettings settings) {
        this.path = path;
        PeerQuota.Limits operators = new PeerQuota.Limits(settings.connections(), 200, 100);
        Admission.Quotas quotas = new Admission.Quotas(
                new PeerQuota(operators, System::nanoTime), new PeerQuota(STRANGERS, System::nanoTime));
        Requests requests = new Requests(routes.all(), settings, base.workers(), base.log());
        SocketPlace place = settings.reach().at(path);
        this.file = SocketFile.claim(place, base.group());
        this.open = new DefaultChannelGroup(base.group().next());
        this.listening = bind(place, base, new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                open.add(channel);
                channel.pipeline().addLast(new Admission(base, quotas, requests));
            }
        });
        publish();
    }

    public Path path() {
        return path;
    }

    Channel listening() {
        return listening;
    }

    private Channel bind(SocketPlace place, Base base, ChannelInitializer<Channel> children) {
        ChannelFuture bound = new ServerBootstrap()
                .group(base.group())
                .channel(EpollServerDomainSocketChannel.class)
                .handler(new AcceptPause(base.log()))
                .option(ChannelOption.SO_BACKLOG, 128)
                .childOption(ChannelOption.ALLOCATOR, new WipingAllocator())
                // Nothing is read before the peer is known.
                .childOption(ChannelOption.AUTO_READ, false)
                .childHandler(children)
                .bind(new DomainSocketAddress(file.temporary().toFile()))
                .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            file.remove();
            throw SocketFile.failed(place, new IOException(bound.cause()));
        }
        return bound.channel();
    }

    private void publish() {
        try {
            file.publish();
        } catch (AgentException e) {
            listening.close().awaitUninterruptibly();
            file.remove();
            throw e;
        }
    }

    /** Accepts nothing more, and lets what is being carried out come to its end. */
    public void drain(Duration atMost) {
        listening.close().awaitUninterruptibly();
        file.remove();
        open.newCloseFuture().awaitUninterruptibly(atMost.toMillis());
        open.close().awaitUninterruptibly(CLOSING_MILLIS);
    }

    @Override
    public void close() {
        drain(Duration.ZERO);
    }
}
