package dev.latchkey.agent.workload.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.workload.PinnedCaller;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.UnixChannel;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LinuxAttestorTest {
    private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private final BlockingQueue<UnixChannel> accepted = new LinkedBlockingQueue<>();

    @TempDir
    private Path folder;

    private Path socket = Path.of("");
    private int listening;

    @BeforeEach
    void listen() throws InterruptedException {
        socket = folder.resolve("agent.sock");
        UnixChannel server = (UnixChannel) new ServerBootstrap()
                .group(loop)
                .channel(EpollServerDomainSocketChannel.class)
                .childHandler(new ChannelInitializer<EpollDomainSocketChannel>() {
                    @Override
                    protected void initChannel(EpollDomainSocketChannel channel) {
                        accepted.add(channel);
                    }
                })
                .bind(new DomainSocketAddress(socket.toString()))
                .sync()
                .channel();
        listening = server.fd().intValue();
    }

    @AfterEach
    void stop() {
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }

    @Test
    void callerIsWhoTheKernelSays() throws Exception {
        try (SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(socket));
                PinnedCaller pinned = new LinuxAttestor().attest(next(), "main", true)) {
            assertTrue(client.isConnected());
            assertEquals("main", pinned.caller().listener());
            assertEquals(ProcessHandle.current().pid(), pinned.caller().pid());
            assertEquals(status("Uid:").getFirst(), pinned.caller().uid());
            assertEquals(status("Gid:").getFirst(), pinned.caller().gid());
            assertEquals(
                    status("Groups:").stream().sorted().toList(),
                    pinned.caller().groups());
            assertTrue(pinned.alive());
        }
    }

    @Test
    void weakPinHoldsTheSameCaller() throws Exception {
        LinuxAttestor weak = new LinuxAttestor(false);
        assertFalse(weak.pinsStrictly());
        try (SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(socket));
                PinnedCaller pinned = weak.attest(next(), "main", true)) {
            assertTrue(client.isConnected());
            assertTrue(pinned.alive());
        }
    }

    @Test
    void endedCallerIsNoLongerAlive() throws Exception {
        Process process = connectFromAnotherProcess();
        try (PinnedCaller pinned = new LinuxAttestor().attest(next(), "main", true)) {
            assertEquals(process.pid(), pinned.caller().pid());
            assertTrue(pinned.alive());
            process.destroyForcibly();
            process.waitFor();
            assertFalse(pinned.alive());
        }
    }

    @Test
    void callerThatEndedBeforeItWasPinnedIsUnknownOrDead() throws Exception {
        Process process = connectFromAnotherProcess();
        int descriptor = next();
        process.destroyForcibly();
        process.waitFor();
        assertUnknownOrDead(new LinuxAttestor(), descriptor);
        assertUnknownOrDead(new LinuxAttestor(false), descriptor);
    }

    @Test
    void closedPinIsNeverAlive() throws Exception {
        try (SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            PinnedCaller pinned = new LinuxAttestor().attest(next(), "main", true);
            pinned.close();
            pinned.close();
            assertTrue(client.isConnected());
            assertFalse(pinned.alive());
        }
    }

    @Test
    void callerWithoutAPidNeedsASocketThatTakesAnyAndAStrictPin() {
        AgentException required = assertThrows(AgentException.class, () -> LinuxAttestor.requirePid(0, true));
        assertEquals(FailureKind.CALLER_UNKNOWN, required.kind());
        LinuxAttestor.requirePid(0, false);
        LinuxAttestor.requirePid(1, true);
        AgentException weak = assertThrows(AgentException.class, () -> LinuxAttestor.weakPidfd(0));
        assertEquals(FailureKind.CALLER_UNKNOWN, weak.kind());
    }

    @Test
    void descriptorThatIsNoSocketIsNoCaller() {
        AgentException e = assertThrows(AgentException.class, () -> new LinuxAttestor().attest(1 << 20, "main", true));
        assertEquals(FailureKind.CALLER_UNKNOWN, e.kind());
    }

    @Test
    void listeningSocketCanBePrepared() {
        new LinuxAttestor().listening(listening);
        assertThrows(RuntimeException.class, () -> new LinuxAttestor().listening(1 << 20));
    }

    private static void assertUnknownOrDead(LinuxAttestor attestor, int descriptor) {
        try (PinnedCaller pinned = attestor.attest(descriptor, "main", true)) {
            assertFalse(pinned.alive());
        } catch (AgentException e) {
            assertEquals(FailureKind.CALLER_UNKNOWN, e.kind());
        }
    }

    private int next() throws InterruptedException {
        return Objects.requireNonNull(accepted.poll(10, TimeUnit.SECONDS)).fd().intValue();
    }

    private Process connectFromAnotherProcess() throws IOException {
        return new ProcessBuilder(
                        "python3",
                        "-c",
                        "import socket,sys,time\ns=socket.socket(socket.AF_UNIX)\ns.connect(sys.argv[1])\ntime.sleep(60)",
                        socket.toString())
                .start();
    }

    private static List<Long> status(String key) throws IOException {
        String line = Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(l -> l.startsWith(key))
                .findFirst()
                .orElseThrow();
        return Arrays.stream(line.substring(key.length()).trim().split("\\s+", -1))
                .filter(s -> !s.isEmpty())
                .map(Long::parseLong)
                .toList();
    }
}
