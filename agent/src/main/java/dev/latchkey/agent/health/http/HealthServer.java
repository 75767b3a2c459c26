package dev.latchkey.agent.health.http;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.health.Readiness;
import dev.latchkey.agent.socket.AcceptPause;
import dev.latchkey.agent.telemetry.Log;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpServerCodec;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/** Serves the health address from construction until it is closed. */
public final class HealthServer implements AutoCloseable {
    private static final Duration DEADLINE = Duration.ofSeconds(5);
    /** Probes come one at a time; more than these are someone else, and are closed at once. */
    private static final int MOST_OPEN = 64;

    private final Channel listening;
    private final AtomicInteger open = new AtomicInteger();

    /**
     * @param group of epoll event loops
     * @throws AgentException {@code BAD_CONFIGURATION} if the address cannot be listened on
     */
    public HealthServer(InetSocketAddress address, EventLoopGroup group, Readiness readiness, Log log) {
        this(address, group, readiness, log, DEADLINE);
    }

    HealthServer(InetSocketAddress address, EventLoopGroup group, Readiness readiness, Log log, Duration deadline) {
        ChannelFuture bound = new ServerBootstrap()
                .group(group)
                .channel(EpollServerSocketChannel.class)
                .handler(new AcceptPause(log))
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        admit(channel, readiness, deadline);
                    }
                })
                .bind(address)
                .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw new AgentException(
                    Failure.of(
                            FailureKind.BAD_CONFIGURATION,
                            "cannot listen on the health address " + address.getHostString() + ":" + address.getPort(),
                            "another program may have it, or the machine may not"),
                    bound.cause());
        }
        listening = bound.channel();
    }

    /** Where it listens. */
    public InetSocketAddress address() {
        return (InetSocketAddress) listening.localAddress();
    }

    Channel listening() {
        return listening;
    }

    @SuppressWarnings("FutureReturnValueIgnored") // A connection that cannot even be closed is gone already.
    private void admit(Channel channel, Readiness readiness, Duration deadline) {
        if (open.incrementAndGet() > MOST_OPEN) {
            open.decrementAndGet();
            channel.close();
            return;
        }
        channel.closeFuture().addListener(_ -> open.decrementAndGet());
        channel.pipeline()
                .addLast(
                        new HttpServerCodec(new HttpDecoderConfig()
                                .setMaxInitialLineLength(1024)
                                .setMaxHeaderSize(8192)),
                        new HealthHandler(readiness, deadline));
    }

    @Override
    public void close() {
        listening.close().awaitUninterruptibly();
    }
}
