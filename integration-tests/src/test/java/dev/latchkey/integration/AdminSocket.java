package dev.latchkey.integration;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReference;

/** What the admin commands say to the agent, said by the test itself: for thousands of them, without a JVM for each. */
final class AdminSocket {
    private final Path socket;

    AdminSocket(TestAgent agent) {
        this(agent.state());
    }

    AdminSocket(Path state) {
        this.socket = state.resolve("admin.sock");
    }

    void put(String name, byte[] value) {
        ask("PUT", "/v1/secrets/" + name + "/value", value);
    }

    byte[] reveal(String name) {
        return ask("POST", "/v1/secrets/" + name + "/reveal", new byte[0]);
    }

    /** The body of the answer, which must be a success. */
    private byte[] ask(String method, String path, byte[] body) {
        String head = method + " " + path + " HTTP/1.1\r\nhost: agent\r\nconnection: close\r\n"
                + "content-type: application/octet-stream\r\ncontent-length: " + body.length + "\r\n\r\n";
        byte[] answer = exchange(head.getBytes(StandardCharsets.US_ASCII), body);
        int end = new String(answer, StandardCharsets.ISO_8859_1).indexOf("\r\n\r\n");
        String status = new String(answer, 0, Math.min(12, answer.length), StandardCharsets.ISO_8859_1);
        assertTrue(end > 0 && status.startsWith("HTTP/1.1 20"), () -> method + " " + path + ": " + status);
        return Arrays.copyOfRange(answer, end + 4, answer.length);
    }

    private byte[] exchange(byte[] head, byte[] body) {
        AtomicReference<byte[]> answer = new AtomicReference<>();
        // The agent turns away who asks more than a hundred times a second, without a word; so this waits and asks
        // again.
        Await.until("the admin socket answers", () -> tryExchange(head, body, answer));
        return answer.get();
    }

    private boolean tryExchange(byte[] head, byte[] body, AtomicReference<byte[]> answer) {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(socket));
            ByteBuffer all = ByteBuffer.allocate(head.length + body.length)
                    .put(head)
                    .put(body)
                    .flip();
            while (all.hasRemaining()) {
                channel.write(all);
            }
            answer.set(readAll(channel));
            return answer.get().length > 0;
        } catch (IOException turnedAway) {
            return false;
        }
    }

    private static byte[] readAll(SocketChannel channel) throws IOException {
        ByteArrayOutputStream answer = new ByteArrayOutputStream();
        ByteBuffer piece = ByteBuffer.allocate(4096);
        while (channel.read(piece) >= 0) {
            answer.write(piece.array(), 0, piece.position());
            piece.clear();
        }
        return answer.toByteArray();
    }
}
