package dev.latchkey.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Garbage on the workload socket: each connection gets its refusal, and the next caller is served. */
final class ProtocolAbuseTest {
    private static final int REQUEST = 1;
    private static final int DELIVERY = 2;
    private static final int REFUSAL = 3;
    private static final int CHECK = 5;
    private static final int STATUS = 6;

    private static TestAgent agent = TestAgent.prepared();

    @BeforeAll
    static void startAgent() {
        agent.start();
        agent.put("plain");
    }

    @AfterAll
    static void stopAgent() {
        agent.close();
    }

    @AfterEach
    void servesTheNextCaller() {
        agent.launch("--wait", "5s", "--secret", "V=plain", "--", "true").succeeds();
    }

    @Test
    void answersAFrameOfItsOwnVersion() throws Exception {
        byte[] answer = exchange(header(1, 0, CHECK, 0, 0));
        assertEquals(STATUS, answer[6]);
    }

    @Test
    void refusesALengthOfZeroForARequest() throws Exception {
        assertMalformed("field-missing", exchange(header(1, 0, REQUEST, 0, 0)));
    }

    @Test
    void refusesALengthThatIsNegativeAsASignedInteger() throws Exception {
        assertMalformed("too-long", exchange(header(1, 0, REQUEST, 0, 0x80000000)));
    }

    @Test
    void refusesTheGreatestLength() throws Exception {
        assertMalformed("too-long", exchange(header(1, 0, REQUEST, 0, -1)));
    }

    @Test
    void refusesOneByteOverTheLimitBeforeItComes() throws Exception {
        assertMalformed("too-long", exchange(header(1, 0, REQUEST, 0, 262_145)));
    }

    @Test
    void refusesAnotherMagic() throws Exception {
        byte[] frame = header(1, 0, CHECK, 0, 0);
        frame[0] = 'H';
        assertMalformed("bad-magic", exchange(frame));
    }

    @Test
    void refusesUnknownTypesAndItsOwn() throws Exception {
        assertMalformed("bad-type", exchange(header(1, 0, 99, 0, 0)));
        assertMalformed("bad-type", exchange(header(1, 0, DELIVERY, 0, 0)));
    }

    @Test
    void refusesAReservedByte() throws Exception {
        assertMalformed("bad-reserved", exchange(header(1, 0, CHECK, 1, 0)));
    }

    @Test
    void namesBothVersionsToAnother() throws Exception {
        byte[] answer = exchange(header(7, 3, CHECK, 0, 0));
        assertEquals(REFUSAL, answer[6]);
        String text = new String(answer, StandardCharsets.ISO_8859_1);
        assertTrue(text.contains("7.3") && text.contains("1.0"), text);
    }

    @Test
    void refusesBytesAfterTheFrame() throws Exception {
        ByteBuffer frame = ByteBuffer.allocate(15);
        frame.put(header(1, 0, CHECK, 0, 0)).put(new byte[] {1, 2, 3});
        byte[] answer = exchange(frame.array());
        assertTrue(answer.length == 0 || answer[6] == STATUS || answer[6] == REFUSAL);
        assertTrue(answer.length <= 12 || answer[6] != DELIVERY);
    }

    @Test
    void closesAConnectionWhoseFrameStaysUnfinished() throws Exception {
        long start = System.nanoTime();
        try (SocketChannel channel = connect()) {
            channel.write(ByteBuffer.wrap(header(1, 0, REQUEST, 0, 100)));
            channel.write(ByteBuffer.wrap(new byte[50]));
            readAll(channel);
        }
        assertTrue(Duration.ofNanos(System.nanoTime() - start).compareTo(Duration.ofSeconds(9)) < 0);
    }

    @Test
    void closesASilentConnection() throws Exception {
        long start = System.nanoTime();
        try (SocketChannel channel = connect()) {
            readAll(channel);
        }
        assertTrue(Duration.ofNanos(System.nanoTime() - start).compareTo(Duration.ofSeconds(9)) < 0);
    }

    @Test
    void answersAFrameThatEndsWithItsConnection() throws Exception {
        try (SocketChannel channel = connect()) {
            channel.write(ByteBuffer.wrap(header(1, 0, REQUEST, 0, 100)));
            channel.shutdownOutput();
            byte[] answer = readAll(channel);
            if (answer.length > 0) {
                assertMalformed("truncated", answer);
            }
        }
    }

    @Test
    void survivesRandomFrames() throws Exception {
        Random random = new Random(42);
        int frames = Machine.full() ? 100_000 : 500;
        for (int i = 0; i < frames; i++) {
            byte[] body = new byte[random.nextInt(200)];
            random.nextBytes(body);
            ByteBuffer frame = ByteBuffer.allocate(12 + body.length);
            frame.put(header(1, 0, REQUEST, 0, body.length)).put(body);
            byte[] answer = exchange(frame.array());
            assertTrue(answer.length > 12 && answer[6] == REFUSAL, "frame " + i);
        }
    }

    @Test
    void servesBesideManyIdleConnections() throws Exception {
        List<SocketChannel> idle = new ArrayList<>();
        try {
            for (int i = 0; i < 200; i++) {
                idle.add(connect());
            }
            agent.launch("--wait", "5s", "--secret", "V=plain", "--", "true").succeeds();
        } finally {
            for (SocketChannel channel : idle) {
                channel.close();
            }
        }
    }

    @Test
    void keepsNoDescriptorOfEndedConnections() throws Exception {
        long before = descriptors();
        for (int i = 0; i < 100; i++) {
            try (SocketChannel channel = connect()) {
                channel.write(ByteBuffer.wrap(header(1, 0, REQUEST, 0, -1)));
            }
        }
        Await.until("descriptors are given back", () -> descriptors() <= before + 3);
    }

    private static long descriptors() {
        try (Stream<Path> all = Files.list(Path.of("/proc/" + agent.pid() + "/fd"))) {
            return all.count();
        } catch (IOException e) {
            // Hardened processes hide this from everybody but root.
            org.junit.jupiter.api.Assumptions.abort("needs root");
            return 0;
        }
    }

    private static byte[] header(int major, int minor, int type, int reserved, int length) {
        return ByteBuffer.allocate(12)
                .put("LKEY".getBytes(StandardCharsets.US_ASCII))
                .put((byte) major)
                .put((byte) minor)
                .put((byte) type)
                .put((byte) reserved)
                .putInt(length)
                .array();
    }

    /** Sends bytes and returns all that comes until the agent has answered with a frame or closed. */
    private static byte[] exchange(byte[] frame) throws IOException {
        try (SocketChannel channel = connect()) {
            channel.write(ByteBuffer.wrap(frame));
            return readFrame(channel);
        }
    }

    private static SocketChannel connect() throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        channel.connect(UnixDomainSocketAddress.of(agent.socket()));
        return channel;
    }

    private static byte[] readFrame(SocketChannel channel) throws IOException {
        ByteBuffer header = ByteBuffer.allocate(12);
        while (header.hasRemaining() && channel.read(header) >= 0) {}
        if (header.hasRemaining()) {
            return new byte[0];
        }
        ByteBuffer all = ByteBuffer.allocate(12 + header.getInt(8)).put(header.flip());
        while (all.hasRemaining() && channel.read(all) >= 0) {}
        return all.array();
    }

    private static byte[] readAll(SocketChannel channel) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(65_536);
        try {
            while (channel.read(bytes) >= 0) {}
        } catch (IOException reset) {
            // A reset ends the connection too.
            assertTrue(bytes.position() < 65_536);
        }
        byte[] read = new byte[bytes.position()];
        bytes.flip().get(read);
        return read;
    }

    private static void assertMalformed(String failureClass, byte[] answer) {
        assertTrue(answer.length > 12, "no answer");
        assertEquals(REFUSAL, answer[6]);
        String text = new String(answer, StandardCharsets.UTF_8);
        assertTrue(text.contains(failureClass), () -> failureClass + " in " + text);
    }
}
