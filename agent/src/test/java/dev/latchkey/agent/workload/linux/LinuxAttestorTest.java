package dev.latchkey.agent.workload.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.sys.SocketCalls;
import dev.latchkey.agent.workload.Entrance;
import dev.latchkey.agent.workload.PinnedCaller;
import dev.latchkey.agent.workload.PinnedProcess;
import dev.latchkey.agent.workload.Sender;
import dev.latchkey.agent.workload.Signalled;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.UnixChannel;
import java.io.File;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LinuxAttestorTest {
    private static final Entrance MAIN = new Entrance("main", true, Optional.empty());

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
                // Nobody takes the bytes that a test looks at.
                .childOption(ChannelOption.AUTO_READ, false)
                // Nor closes a connection whose peer sends no more.
                .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
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
                PinnedCaller pinned = new LinuxAttestor().attest(next(), MAIN)) {
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
        LinuxAttestor weak = new LinuxAttestor(false, SenderCheck.BY_PID);
        try (SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(socket));
                PinnedCaller pinned = weak.attest(next(), MAIN)) {
            assertTrue(client.isConnected());
            assertTrue(pinned.alive());
        }
    }

    @Test
    void endedCallerIsNoLongerAlive() throws Exception {
        Process process = connectFromAnotherProcess();
        try (PinnedCaller pinned = new LinuxAttestor().attest(next(), MAIN)) {
            assertEquals(process.pid(), pinned.caller().pid());
            assertTrue(pinned.alive());
            process.destroyForcibly();
            process.waitFor();
            assertFalse(pinned.alive());
        }
    }

    @Test
    void aProcessIsKeptBeyondItsConnectionByTheSameDescriptor() throws Exception {
        Process process = connectFromAnotherProcess();
        PinnedCaller pinned = new LinuxAttestor().attest(next(), MAIN);
        Path descriptor;
        try (PinnedProcess kept = pinned.keep()) {
            descriptor = Path.of("/proc/self/fd", Integer.toString(kept.descriptor()));
            pinned.close();
            assertTrue(Files.exists(descriptor, LinkOption.NOFOLLOW_LINKS));
            assertFalse(pinned.alive(), "the caller is gone for whoever pinned it");
            assertEquals(Signalled.SENT, kept.signal(15));
            assertEquals(128 + 15, process.waitFor());
            assertEquals(Signalled.GONE, kept.signal(15));
        }
        assertFalse(Files.exists(descriptor, LinkOption.NOFOLLOW_LINKS));
    }

    @Test
    void twoConnectionsOfAProcessShowThatItIsOne() throws Exception {
        assumeTrue(SocketCalls.hasPidfdInodes(), "needs a kernel that numbers pidfds");
        LinuxAttestor attestor = new LinuxAttestor();
        try (SocketChannel first = SocketChannel.open(UnixDomainSocketAddress.of(socket));
                SocketChannel second = SocketChannel.open(UnixDomainSocketAddress.of(socket));
                PinnedCaller one = attestor.attest(next(), MAIN);
                PinnedCaller other = attestor.attest(next(), MAIN);
                PinnedProcess kept = one.keep();
                PinnedProcess keptToo = other.keep()) {
            assertTrue(first.isConnected() && second.isConnected());
            assertEquals(kept.identity(), keptToo.identity());
            Process process = connectFromAnotherProcess();
            try (PinnedCaller stranger = attestor.attest(next(), MAIN);
                    PinnedProcess keptAsWell = stranger.keep()) {
                assertNotEquals(kept.identity(), keptAsWell.identity());
            } finally {
                process.destroyForcibly();
            }
        }
    }

    @Test
    void callerThatEndedBeforeItWasPinnedIsUnknownOrDead() throws Exception {
        Process process = connectFromAnotherProcess();
        int descriptor = next();
        process.destroyForcibly();
        process.waitFor();
        assertUnknownOrDead(new LinuxAttestor(), descriptor);
        assertUnknownOrDead(new LinuxAttestor(false, SenderCheck.BY_PID), descriptor);
    }

    /** Connects; then what the arguments say in turn: {@code self} or {@code child} sends a byte, {@code rights} sends one with a descriptor. */
    private static final String SENDERS = """
            import array, os, socket, sys, time
            s = socket.socket(socket.AF_UNIX)
            s.connect(sys.argv[1])
            for who in sys.argv[2:]:
                if who == 'child':
                    if os.fork() == 0:
                        s.send(b'c')
                        os._exit(0)
                    os.wait()
                elif who == 'rights':
                    rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array('i', [0, 1]))]
                    try:
                        s.sendmsg([b'r'], rights)
                    except OSError as refused:
                        s.send(b'r')
                else:
                    s.send(b's')
            print('sent', flush=True)
            time.sleep(60)
            """;

    @ParameterizedTest
    @EnumSource(SenderCheck.class)
    void bytesOfTheProcessThatConnectedAreTheCallers(SenderCheck check) throws Exception {
        assertSender(Sender.CALLER, check, "self");
    }

    @ParameterizedTest
    @EnumSource(SenderCheck.class)
    void bytesOfAChildThatInheritedTheSocketAreAnothers(SenderCheck check) throws Exception {
        assertSender(Sender.ANOTHER, check, "child");
    }

    @ParameterizedTest
    @EnumSource(SenderCheck.class)
    void readingStopsWhereAnothersBytesBegin(SenderCheck check) throws Exception {
        LinuxAttestor attestor = new LinuxAttestor(true, check);
        attestor.listening(listening);
        Process process = senders("self", "child", "self");
        UnixChannel channel = accepted.poll(10, TimeUnit.SECONDS);
        int descriptor = Objects.requireNonNull(channel).fd().intValue();
        try (PinnedCaller pinned = attestor.attest(descriptor, MAIN)) {
            awaitSent(process);
            List<Sender> all = new ArrayList<>();
            ByteBuffer one = ByteBuffer.allocateDirect(64);
            for (Sender next = pinned.receive(descriptor, one);
                    next != Sender.NOBODY;
                    next = pinned.receive(descriptor, one.clear())) {
                all.add(next);
                assertEquals(1, one.position(), "the bytes of one sender at a time");
            }
            assertEquals(List.of(Sender.CALLER, Sender.ANOTHER, Sender.CALLER), all);
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void descriptorsDoNotReachAnAgentWhoseKernelRefusesThem() throws Exception {
        assumeTrue(SocketCalls.canRefuseDescriptors(), "needs Linux 6.16");
        assertSender(Sender.CALLER, SenderCheck.ofThisKernel(), "rights");
    }

    /** As on a kernel that cannot refuse them. */
    @ParameterizedTest
    @EnumSource(SenderCheck.class)
    void descriptorsThatArriveAreClosedAndTellOnTheirSender(SenderCheck check) throws Exception {
        check.prepare(listening);
        Process process = senders("rights");
        int descriptor = next();
        try (PinnedCaller pinned = new LinuxAttestor(true, check).attest(descriptor, MAIN)) {
            awaitSent(process);
            long before = openDescriptors();
            assertEquals(Sender.ANOTHER, pinned.receive(descriptor, ByteBuffer.allocateDirect(64)));
            assertEquals(before, openDescriptors());
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void nothingToReadIsNobodys() throws Exception {
        LinuxAttestor attestor = new LinuxAttestor();
        attestor.listening(listening);
        try (SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            int descriptor = next();
            try (PinnedCaller pinned = attestor.attest(descriptor, MAIN)) {
                ByteBuffer into = ByteBuffer.allocateDirect(64);
                assertEquals(Sender.NOBODY, pinned.receive(descriptor, into));
                client.shutdownOutput();
                assertEquals(Sender.NOBODY_ANY_MORE, pinned.receive(descriptor, into));
                assertEquals(Sender.UNKNOWN, pinned.receive(1 << 20, into));
                assertEquals(0, into.position());
            }
        }
    }

    private void assertSender(Sender expected, SenderCheck check, String... who) throws Exception {
        LinuxAttestor attestor = new LinuxAttestor(true, check);
        attestor.listening(listening);
        Process process = senders(who);
        int descriptor = next();
        try (PinnedCaller pinned = attestor.attest(descriptor, MAIN)) {
            awaitSent(process);
            ByteBuffer into = ByteBuffer.allocateDirect(64);
            assertEquals(expected, pinned.receive(descriptor, into));
            assertEquals(1, into.position());
        } finally {
            process.destroyForcibly();
        }
    }

    private Process senders(String... who) throws IOException {
        List<String> words = new ArrayList<>(List.of("python3", "-c", SENDERS, socket.toString()));
        words.addAll(List.of(who));
        return new ProcessBuilder(words).start();
    }

    private static void awaitSent(Process process) throws IOException {
        byte[] said = process.getInputStream().readNBytes("sent".length());
        assertEquals("sent", new String(said, StandardCharsets.UTF_8));
    }

    private static long openDescriptors() {
        return Objects.requireNonNull(new File("/proc/self/fd").list()).length;
    }

    @Test
    void closedPinIsNeverAlive() throws Exception {
        try (SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            PinnedCaller pinned = new LinuxAttestor().attest(next(), MAIN);
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
        AgentException e = assertThrows(AgentException.class, () -> new LinuxAttestor().attest(1 << 20, MAIN));
        assertEquals(FailureKind.CALLER_UNKNOWN, e.kind());
    }

    @Test
    void listeningSocketCanBePrepared() {
        new LinuxAttestor().listening(listening);
        assertThrows(RuntimeException.class, () -> new LinuxAttestor().listening(1 << 20));
    }

    private static void assertUnknownOrDead(LinuxAttestor attestor, int descriptor) {
        try (PinnedCaller pinned = attestor.attest(descriptor, MAIN)) {
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
