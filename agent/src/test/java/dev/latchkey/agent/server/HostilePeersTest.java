package dev.latchkey.agent.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.latchkey.agent.health.Readiness;
import dev.latchkey.agent.memory.LockedMemory;
import dev.latchkey.agent.memory.WipedSegment;
import dev.latchkey.agent.telemetry.Log;
import dev.latchkey.agent.workload.linux.LinuxAttestor;
import dev.latchkey.protocol.Check;
import dev.latchkey.protocol.Code;
import dev.latchkey.protocol.FrameType;
import dev.latchkey.protocol.Header;
import dev.latchkey.protocol.Status;
import dev.latchkey.protocol.Version;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With the real attestor and real memory: what peers that mean no good cannot do. */
class HostilePeersTest {
    private static final Duration LONG = Duration.ofSeconds(20);
    private static final Duration SHORT = Duration.ofMillis(50);
    private static final int HELD = 1 << 20;
    private static final int FRAMES = Integer.getInteger("latchkey.hostile-frames", 2_000);

    private final Fakes.FakeInjector injector = new Fakes.FakeInjector();
    private final Readiness readiness = new Readiness();

    @TempDir
    private Path folder;

    private Path socket = Path.of("");
    private Optional<WorkloadServer> server = Optional.empty();

    @BeforeEach
    void serve() {
        socket = folder.resolve("agent.sock");
        readiness.serving();
        Log log = new Log(
                new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8),
                Clock.systemUTC(),
                Log.Level.ERROR,
                Log.Format.LOGFMT);
        Services services = new Services(
                injector, new LinuxAttestor(), new Fakes.FakeDeliveries(), readiness, new Fakes.FakeAudit(), log);
        WorkloadServer started = new WorkloadServer(
                services, new Limits(LONG, LONG, LONG, LONG, SHORT, 1_000, 1_000, HELD, HELD / 4, 5, 1));
        started.start(List.of(
                new Listener(Fakes.MAIN, socket, PosixFilePermissions.fromString("rw-------"), Optional.empty())));
        server = Optional.of(started);
    }

    @AfterEach
    void stop() {
        server.ifPresent(s -> s.drain(Duration.ZERO));
    }

    @Test
    void damagedFramesLeaveNoDescriptorBehindAndTheServerServes() throws Exception {
        served();
        long before = descriptors();
        Random random = new Random(20_261_101);
        byte[] frame = bytes(Client.request(LONG, "A", "B").encode(Version.CURRENT));
        for (int i = 0; i < FRAMES; i++) {
            byte[] damaged = Arrays.copyOf(frame, random.nextInt(1, frame.length + 8));
            damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
            sendAndEnd(damaged);
        }
        served();
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (descriptors() > before && System.nanoTime() < end) {
            Thread.onSpinWait();
        }
        assertTrue(descriptors() <= before, descriptors() + " descriptors, " + before + " before");
    }

    private void sendAndEnd(byte[] frame) throws Exception {
        try (Client client = new Client(socket)) {
            client.send(ByteBuffer.wrap(frame));
            client.endOutput();
            // Whatever it was, there is an answer, for it was a frame or the beginning of one.
            assertTrue(client.read(Header.BYTES).get(0) == 'L');
        }
    }

    @Test
    void framesThatNeverEndCannotFillTheHeapAndOrdinaryRequestsStillGetThrough() throws Exception {
        List<Client> hostile = new ArrayList<>();
        try {
            for (int i = 0; i < 2; i++) {
                hostile.add(holding(HELD / 8));
            }
            Client oneTooMuch = holding(HELD / 8);
            hostile.add(oneTooMuch);
            assertEquals(Code.BUSY.number(), oneTooMuch.refusal().code());
            served();
            hostile.getFirst().close();
            await(() -> {
                try (Client client = new Client(socket)) {
                    client.send(ByteBuffer.wrap(unfinished(HELD / 8 - FrameMemory.FREE)));
                    client.endOutput();
                    return client.refusal().code() == Code.MALFORMED.number();
                }
            });
        } finally {
            for (Client client : hostile) {
                client.close();
            }
        }
    }

    /** A connection that has sent so many bytes beyond what is free, of a frame that never ends. */
    private Client holding(int bytes) throws Exception {
        Client client = new Client(socket);
        client.send(ByteBuffer.wrap(unfinished(bytes)));
        return client;
    }

    private static byte[] unfinished(int bytes) {
        byte[] frame = new byte[bytes + FrameMemory.FREE];
        ByteBuffer.wrap(frame)
                .put("LKEY".getBytes(StandardCharsets.US_ASCII))
                .put(new byte[] {1, 0, 1, 0})
                .putInt(FrameType.REQUEST.maxBody());
        return frame;
    }

    private static void await(Callable<Boolean> condition) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (!condition.call()) {
            assertTrue(System.nanoTime() < end, "it did not come to pass");
        }
    }

    @Test
    void servingLeavesNoCopyOfAValueInTheProcess() throws Exception {
        byte[] masked = new byte[32];
        new Random().nextBytes(masked);
        injector.answer = _ -> Fakes.delivered(1, blockOf(masked));
        for (int i = 0; i < 20; i++) {
            try (Client client = new Client(socket)) {
                client.send(Client.request(LONG, "A"));
                Header header = client.header();
                ByteBuffer body = client.read(header.length());
                assertTrue(contains(body, masked), "the value came");
                for (int at = 0; at < body.limit(); at++) {
                    body.put(at, (byte) 0);
                }
                Fakes.next(injector.concluded);
            }
        }
        assertEquals(List.of(), Residue.find(masked));
    }

    /** The value is never in one piece but here, so that the search cannot find what it searches with. */
    private static WipedSegment blockOf(byte[] masked) {
        WipedSegment segment = new LockedMemory(_ -> {}).allocate(masked.length + 3);
        ByteBuffer block = segment.buffer().put((byte) 'A').put((byte) '=');
        for (byte b : masked) {
            block.put(Residue.unmask(b));
        }
        return segment;
    }

    private static boolean contains(ByteBuffer body, byte[] masked) {
        return Residue.offsets(body, body.limit(), masked).findAny().isPresent();
    }

    private void served() throws Exception {
        try (Client client = new Client(socket)) {
            client.send(new Check().encode(Version.CURRENT));
            assertInstanceOf(Status.class, client.receive());
        }
    }

    private static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        return bytes;
    }

    private static long descriptors() throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return open.count();
        }
    }
}
