package dev.latchkey.agent.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.latchkey.protocol.Header;
import dev.latchkey.protocol.MalformedException;
import dev.latchkey.protocol.Request;
import dev.latchkey.protocol.Token;
import dev.latchkey.protocol.Version;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RecentRequestsTest {
    private final RecentRequests recent = new RecentRequests();

    @Test
    void equalBytesAreDecodedOnceAlsoWhenTheFirstOnesWereZeroedMeanwhile() throws MalformedException {
        byte[] bytes = body(Optional.empty(), "my-secret");
        RecentRequests.Decoded first = recent.decode(ByteBuffer.wrap(bytes));
        byte[] again = bytes.clone();
        Arrays.fill(bytes, (byte) 0);

        assertSame(first, recent.decode(ByteBuffer.wrap(again)));
        assertEquals("my-secret", first.request().bindings().getFirst().reference());
        assertEquals(
                List.of("A"),
                first.launch().bindings().stream().map(b -> b.target()).toList());
    }

    @Test
    void oneByteMakesAnotherRequest() throws MalformedException {
        RecentRequests.Decoded one = decode(Optional.empty(), "my-secret-1");
        RecentRequests.Decoded two = decode(Optional.empty(), "my-secret-2");

        assertEquals("my-secret-1", one.request().bindings().getFirst().reference());
        assertEquals("my-secret-2", two.request().bindings().getFirst().reference());
    }

    @Test
    void neitherTokensNorDefaultsAreKept() throws MalformedException {
        Optional<Token> token = Optional.of(new Token("canary".getBytes(StandardCharsets.UTF_8)));
        assertNotSame(decode(token, "a"), decode(token, "a"));
        assertNotSame(decode(Optional.empty(), "a,default=canary"), decode(Optional.empty(), "a,default=canary"));
    }

    @Test
    void largeRequestsAreNotKept() throws MalformedException {
        String large = "x".repeat(1_024);
        assertNotSame(decode(Optional.empty(), large), decode(Optional.empty(), large));
    }

    @Test
    void whatIsKeptIsBounded() throws MalformedException {
        RecentRequests.Decoded first = decode(Optional.empty(), "first");
        for (int i = 0; i < 300; i++) {
            decode(Optional.empty(), "s" + i);
        }
        assertNotSame(first, decode(Optional.empty(), "first"));
    }

    @Test
    void whatIsMalformedStaysSo() {
        ByteBuffer body = ByteBuffer.wrap(new byte[] {1, 2, 3});
        assertThrows(MalformedException.class, () -> recent.decode(body));
        assertThrows(MalformedException.class, () -> recent.decode(body.rewind()));
    }

    private RecentRequests.Decoded decode(Optional<Token> token, String reference) throws MalformedException {
        return recent.decode(ByteBuffer.wrap(body(token, reference)));
    }

    private static byte[] body(Optional<Token> token, String reference) {
        ByteBuffer frame = new Request(
                        Duration.ofSeconds(1),
                        false,
                        Optional.empty(),
                        Optional.empty(),
                        token,
                        Optional.empty(),
                        Optional.empty(),
                        List.of(new Request.Binding("A", reference, false)))
                .encode(Version.CURRENT);
        byte[] body = new byte[frame.remaining() - Header.BYTES];
        frame.get(Header.BYTES, body);
        return body;
    }
}
