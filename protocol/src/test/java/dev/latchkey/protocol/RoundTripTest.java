package dev.latchkey.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What is encoded decodes to the same, and nothing can be made that must not be encoded. */
class RoundTripTest {
    private static final Request REQUEST = new Request(
            Duration.ofSeconds(29),
            true,
            Optional.of("analytics"),
            Optional.of("production"),
            Optional.empty(),
            Optional.of("/usr/bin/café"),
            Optional.of(new Proof("0f".repeat(32), "a1".repeat(32), "/usr/bin/café")),
            List.of(
                    new Request.Binding("MY_APP_SECRET", "my-secret", false),
                    new Request.Binding("PATH", "x,default=y", true)));

    @Test
    void requestComesBack() throws MalformedException {
        assertEquals(REQUEST, decode(REQUEST.encode(Version.CURRENT), Side.AGENT, List.of()));
    }

    @Test
    void tokenComesBackAndIsNeverShown() throws MalformedException {
        Request with = new Request(
                Duration.ofMillis(1),
                false,
                Optional.empty(),
                Optional.empty(),
                Optional.of(new Token("sesame".getBytes(StandardCharsets.UTF_8))),
                Optional.empty(),
                Optional.empty(),
                REQUEST.bindings());
        Request back = (Request) decode(with.encode(Version.CURRENT), Side.AGENT, List.of());
        assertEquals("sesame", new String(back.token().orElseThrow().bytes(), StandardCharsets.UTF_8));
        assertFalse(back.toString().contains("sesame"));
    }

    @Test
    void defaultOfAReferenceIsNeverShown() {
        assertFalse(REQUEST.toString().contains("default=y"));
    }

    @Test
    void checkComesBack() throws MalformedException {
        assertEquals(new Check(), decode(new Check().encode(Version.CURRENT), Side.AGENT, List.of()));
    }

    @Test
    void refusalComesBack() throws MalformedException {
        Refusal refusal = new Refusal(
                List.of(
                        new Refusal.Failure(Code.DENIED.number(), Optional.of(3), "denied"),
                        Refusal.Failure.of(Code.BUSY, "busy")),
                List.of("a hint"),
                Optional.of(Duration.ofMillis(250)));
        assertEquals(refusal, decode(refusal.encode(Version.CURRENT), Side.CLIENT, List.of()));
    }

    @Test
    void planComesBack() throws MalformedException {
        Plan plan = new Plan(
                List.of(
                        new Plan.Entry(
                                0,
                                Optional.empty(),
                                true,
                                Optional.of("flow"),
                                Optional.of("store"),
                                Optional.of("3"),
                                Optional.of(24L),
                                Optional.of(86_400L),
                                false,
                                Optional.empty()),
                        new Plan.Entry(
                                Code.DENIED.number(),
                                Optional.of("denied"),
                                false,
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty(),
                                true,
                                Optional.empty())),
                List.of("a hint"));
        assertEquals(plan, decode(plan.encode(Version.CURRENT), Side.CLIENT, List.of("A", "B")));
    }

    @Test
    void statusComesBack() throws MalformedException {
        Status status = new Status(Status.State.FAILING, List.of("the disk is full"));
        assertEquals(status, decode(status.encode(Version.CURRENT), Side.CLIENT, List.of()));
    }

    @Test
    void deliveryIsPrefixThenBlock() throws MalformedException {
        byte[] block = "A=1\0C=\0".getBytes(StandardCharsets.UTF_8);
        Delivery.Prefix prefix = new Delivery.Prefix(Optional.of(77L), List.of(1), 2, block.length);
        ByteBuffer head = prefix.encode(Version.CURRENT);
        ByteBuffer frame = ByteBuffer.allocate(head.remaining() + block.length)
                .put(head)
                .put(block)
                .flip();

        Delivery delivery = (Delivery) decode(frame, Side.CLIENT, List.of("A", "B", "C"));

        assertEquals(prefix, delivery.prefix());
        assertEquals(
                "A=1", StandardCharsets.UTF_8.decode(delivery.entries().get(0)).toString());
        assertEquals(
                "C=", StandardCharsets.UTF_8.decode(delivery.entries().get(1)).toString());
        assertFalse(delivery.toString().contains("A=1"));
    }

    @Test
    void greatestBlockFillsTheFrame() {
        int bytes = Delivery.Prefix.maxBlock(2);
        new Delivery.Prefix(Optional.of(1L), List.of(0, 1), 1, bytes).encode(Version.CURRENT);
        Delivery.Prefix over = new Delivery.Prefix(Optional.of(1L), List.of(0, 1), 1, bytes + 1);
        assertThrows(IllegalStateException.class, () -> over.encode(Version.CURRENT));
    }

    @Test
    void recordsRefuseWhatTheWireCannotHold() {
        assertThrows(IllegalStateException.class, () -> Refusal.of(Code.DENIED, ""));
        assertThrows(IllegalStateException.class, () -> Refusal.of(Code.DENIED, "a\u001bb"));
        assertThrows(IllegalStateException.class, () -> Refusal.of(Code.DENIED, "x".repeat(513)));
        assertThrows(IllegalStateException.class, () -> new Refusal(List.of(), List.of(), Optional.empty()));
        assertThrows(IllegalStateException.class, () -> new Plan.Origin("", false, Optional.empty(), false));
        assertThrows(IllegalStateException.class, () -> new Ask(List.of(), List.of()));
        assertThrows(IllegalStateException.class, () -> new Status(Status.State.READY, Collections.nCopies(9, "x")));
        assertThrows(IllegalStateException.class, () -> new Delivery.Prefix(Optional.empty(), List.of(1, 1), 0, 0));
        assertThrows(IllegalStateException.class, () -> new Request.Binding("A", "x".repeat(4_097), false));
        assertThrows(IllegalStateException.class, () -> new Token(new byte[0]));
        assertThrows(IllegalStateException.class, () -> new Version(256, 0));
        String hash = "0".repeat(64);
        assertThrows(IllegalStateException.class, () -> new Proof(hash, hash, "bin/sh"));
        assertThrows(IllegalStateException.class, () -> new Proof(hash, hash, "/" + "x".repeat(4_096)));
        assertThrows(IllegalStateException.class, () -> new Proof("0".repeat(63), hash, "/bin/sh"));
        assertThrows(IllegalStateException.class, () -> new Proof(hash, "A".repeat(64), "/bin/sh"));
    }

    @Test
    void textIsFittedOnCharacterBorders() {
        assertEquals("plain", Texts.fit("plain", 512));
        assertEquals("a?b?", Texts.fit("a\nb\uD800", 512));
        String cut = Texts.fit("é".repeat(300), 512);
        assertTrue(cut.endsWith("é…"));
        assertTrue(Texts.bytes(cut) <= 512);
        assertEquals("é".repeat(256), Texts.fit("é".repeat(256), 512));
    }

    private static Message decode(ByteBuffer frame, Side receiver, List<String> requested) throws MalformedException {
        Header header = Header.decode(frame, receiver);
        assertEquals(header.length(), frame.remaining());
        return Decoded.message(header, frame, requested);
    }
}
