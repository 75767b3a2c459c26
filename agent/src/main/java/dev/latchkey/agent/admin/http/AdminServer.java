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
import io.netty.channel.epoll.LinuxSocket;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.unix.DomainSocketAddress;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executor;

/**
 * Serves the admin commands on one Unix socket: listens there from construction, so that who connects waits for his answer instead of finding
 * nobody, and answers from {@link #serve} until it is closed.
 */
public final class AdminServer implements AutoCloseable {
    private static final int BACKLOG = 128;

    /** SECURITY: an owner's socket must not be crowded by whoever merely may connect, nor the log by their refusals. */
    private static final PeerQuota.Limits STRANGERS = new PeerQuota.Limits(4, 10, 1);

    /** Longer than closing ever takes, unless there is no thread to do it. */
    private static final long CLOSING_MILLIS = 2_000;

    private final Path path;
    private final Base base;
    private final AdminSettings settings;
    private final SocketFile file;
    private final LinuxSocket socket;
    private final ChannelGroup open;
    private Optional<Channel> listening = Optional.empty();

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
     * Listens.
     *
     * @throws AgentException {@code STATE_UNUSABLE} if the socket cannot be placed
     */
    public AdminServer(Path path, Base base, AdminSettings settings) {
        this.path = path;
        this.base = base;
        this.settings = settings;
        this.open = new DefaultChannelGroup(base.group().next());
        SocketPlace place = settings.reach().at(path);
        this.file = SocketFile.claim(place, base.group());
        this.socket = listen(place);
        publish();
    }

    /** Answers, those who wait already first. */
    public void serve(Routes routes) {
        PeerQuota.Limits operators = new PeerQuota.Limits(settings.connections(), 200, 100);
        Admission.Quotas quotas = new Admission.Quotas(
                new PeerQuota(operators, System::nanoTime), new PeerQuota(STRANGERS, System::nanoTime));
        Requests requests = new Requests(routes.all(), settings, base.workers(), base.log());
        listening = Optional.of(accept(new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                open.add(channel);
                channel.pipeline().addLast(new Admission(base, quotas, requests));
            }
        }));
    }

    public Path path() {
        return path;
    }

    Channel listening() {
        return listening.orElseThrow();
    }

    private LinuxSocket listen(SocketPlace place) {
        LinuxSocket made = LinuxSocket.newSocketDomain();
        try {
            made.bind(new DomainSocketAddress(file.temporary().toFile()));
            made.listen(BACKLOG);
            return made;
        } catch (IOException e) {
            close(made);
            file.remove();
            throw SocketFile.failed(place, e);
        }
    }

    private void publish() {
        try {
            file.publish();
        } catch (AgentException e) {
            close(socket);
            file.remove();
            throw e;
        }
    }

    private Channel accept(ChannelInitializer<Channel> children) {
        ChannelFuture registered = new ServerBootstrap()
                .group(base.group())
                .channelFactory(() -> new EpollServerDomainSocketChannel(socket.intValue(), true))
                .handler(new AcceptPause(base.log()))
                .childOption(ChannelOption.ALLOCATOR, new WipingAllocator())
                // Nothing is read before the peer is known.
                .childOption(ChannelOption.AUTO_READ, false)
                .childHandler(children)
                .register()
                .syncUninterruptibly();
        return registered.channel();
    }

    /** Accepts nothing more, and lets what is being carried out come to its end. */
    public void drain(Duration atMost) {
        listening.ifPresentOrElse(channel -> channel.close().awaitUninterruptibly(), () -> close(socket));
        file.remove();
        open.newCloseFuture().awaitUninterruptibly(atMost.toMillis());
        open.close().awaitUninterruptibly(CLOSING_MILLIS);
    }

    @Override
    public void close() {
        drain(Duration.ZERO);
    }

    private static void close(LinuxSocket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // It is closed all the same.
        }
    }
}
