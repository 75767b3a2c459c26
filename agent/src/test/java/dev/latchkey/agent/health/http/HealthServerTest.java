package dev.latchkey.agent.health.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.health.Readiness;
import dev.latchkey.agent.telemetry.Log;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HealthServerTest {
    private static final Log LOG = new Log(
            new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8),
            Clock.systemUTC(),
            Log.Level.ERROR,
            Log.Format.LOGFMT);

    private final Readiness readiness = new Readiness();
    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private final HealthServer server = new HealthServer(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), group, readiness, LOG, Duration.ofMillis(300));

    @AfterEach
    void stop() {
        server.close();
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    private String ask(String request) throws IOException {
        try (Socket socket =
                new Socket(server.address().getAddress(), server.address().getPort())) {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        }
    }

    private String get(String path) throws IOException {
        String answer = ask("GET " + path + " HTTP/1.1\r\nhost: x\r\n\r\n");
        return answer.substring(9, 12) + " " + answer.substring(answer.indexOf("\r\n\r\n") + 4);
    }

    @Test
    void goesOnAfterAConnectionThatCannotBeAccepted() throws Exception {
        server.listening().pipeline().fireExceptionCaught(new IOException("too many open files"));

        boolean accepting =
                group.submit(() -> server.listening().config().isAutoRead()).get(10, TimeUnit.SECONDS);
        assertFalse(accepting);
        assertEquals("200 live\n", get("/live"));
    }

    @Test
    void tellsTheStateAndNoReason() throws IOException {
        assertEquals("200 live\n", get("/live"));
        assertEquals("503 starting\n", get("/ready"));
        readiness.serving();
        assertEquals("200 ready\n", get("/ready"));
        readiness.failing("audit", "/var/lib/latchkey/audit.log is full");
        assertEquals("503 failing\n", get("/ready"));
        readiness.draining();
        assertEquals("503 draining\n", get("/ready"));
        assertEquals("200 live\n", get("/live"));
    }

    @Test
    void knowsNothingElse() throws IOException {
        assertEquals("404 only /ready and /live\n", get("/"));
        assertTrue(ask("POST /ready HTTP/1.1\r\n\r\n").startsWith("HTTP/1.1 405 "));
        assertTrue(ask("\0\0\0\r\n\r\n").startsWith("HTTP/1.1 400 "));
        assertEquals("", ask("GET /ready HT"));
    }

    @Test
    void refusesAnAddressThatIsTaken() {
        AgentException e =
                assertThrows(AgentException.class, () -> new HealthServer(server.address(), group, readiness, LOG));
        assertEquals(FailureKind.BAD_CONFIGURATION, e.kind());
        assertTrue(e.failure().message().startsWith("cannot listen on the health address "));
    }
}
