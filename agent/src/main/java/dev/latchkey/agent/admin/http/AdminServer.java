package dev.latchkey.agent.admin.http;

import dev.latchkey.agent.admin.Accountability;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
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
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Executor;

/** Serves the admin commands on one Unix socket, from construction until it is closed. */
public final class AdminServer implements AutoCloseable {
    /** SECURITY: an owner's socket must not be crowded by whoever merely may connect, nor the log by their refusals. */
    private static final PeerQuota.Limits STRANGERS = new PeerQuota.Limits(4, 10, 1);

    private final Path path;
    private final Channel listening;
    private final Optional<Object> identity;
    private final ChannelGroup open = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);

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
        SocketPlace place = SocketPlace.prepare(path);
        this.listening = bind(place, base.group(), new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                open.add(channel);
                channel.pipeline().addLast(new Admission(base, quotas, requests));
            }
        });
        settle(place, settings.reach());
        this.identity = SocketPlace.identity(path);
    }

    public Path path() {
        return path;
    }

    private static Channel bind(SocketPlace place, EventLoopGroup group, ChannelInitializer<Channel> children) {
        ChannelFuture bound = new ServerBootstrap()
                .group(group)
                .channel(EpollServerDomainSocketChannel.class)
                .option(ChannelOption.SO_BACKLOG, 128)
                .childOption(ChannelOption.ALLOCATOR, new WipingAllocator())
                // Nothing is read before the peer is known.
                .childOption(ChannelOption.AUTO_READ, false)
                .childHandler(children)
                .bind(new DomainSocketAddress(place.bindAt().toFile()))
                .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            place.discard();
            throw new AgentException(
                    Failure.of(FailureKind.STATE_UNUSABLE, "cannot listen on the admin socket"), bound.cause());
        }
        return bound.channel();
    }

    private void settle(SocketPlace place, Reach reach) {
        try {
            place.settle(reach);
        } catch (AgentException e) {
            listening.close().awaitUninterruptibly();
            throw e;
        }
    }

    /** Accepts nothing more, and lets what is being carried out come to its end. */
    public void drain(Duration atMost) {
        listening.close().awaitUninterruptibly();
        remove();
        open.newCloseFuture().awaitUninterruptibly(atMost.toMillis());
        open.close().awaitUninterruptibly();
    }

    @Override
    public void close() {
        drain(Duration.ZERO);
    }

    /** Only our own socket; another agent may have put its own there. */
    private void remove() {
        if (identity.isPresent() && Objects.equals(identity, SocketPlace.identity(path))) {
            try {
                Files.deleteIfExists(path);
            } catch (IOException e) {
                throw new AgentException(
                        Failure.of(FailureKind.STATE_UNUSABLE, "cannot remove the admin socket " + path), e);
            }
        }
    }
}
