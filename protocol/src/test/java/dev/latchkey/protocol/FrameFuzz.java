package dev.latchkey.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * What must hold of the codec whatever it is given. {@code integration-tests/fuzz/run.sh frames} has a fuzzer call it.
 *
 * <p>An input is a byte that says how many targets were requested and for which side the rest is, then the frame. With the property
 * {@code latchkey.fuzz.launcher} the launcher's codec, which that program holds, must say the same of every frame for a client.
 */
public final class FrameFuzz {
    private static final List<String> TARGETS = List.of("A", "B_1", "MY_APP_SECRET");
    private static final int TO_AGENT = 4;

    /** Bytes that decoding may allocate for each byte of the input, and for any input at all. */
    private static final int ALLOCATED_PER_BYTE = 64;

    private static final int ALLOCATED_AT_ALL = 64 * 1024;

    private static final com.sun.management.ThreadMXBean THREADS =
            (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();

    private static final Optional<Launcher> LAUNCHER =
            Optional.ofNullable(System.getProperty("latchkey.fuzz.launcher")).map(Launcher::new);

    private FrameFuzz() {}

    /** Reads inputs as hexadecimal digits, one a line, and writes them with their outcomes, as the corpus has them. */
    public static void main(String[] args) throws IOException {
        String inputs = new String(System.in.readAllBytes(), StandardCharsets.UTF_8);
        inputs.lines()
                .forEach(line ->
                        System.out.println(line + "\t" + outcome(HexFormat.of().parseHex(line))));
    }

    /** Called by the fuzzer. */
    public static void fuzzerTestOneInput(byte[] input) {
        String outcome = outcome(input);
        if (input.length == 0) {
            return;
        }
        decodeWithinBounds(input);
        if (outcome.startsWith("accept\t")) {
            encodesTheSame(input);
        }
        // Of a header that is cut the launcher says only that the connection ended.
        if (side(input) == Side.CLIENT && input.length > Header.BYTES) {
            LAUNCHER.ifPresent(launcher -> assertEquals(launcher.outcome(input), outcome));
        }
    }

    /** {@code accept} and what was decoded, or {@code refuse} and the failure class, with TABs between. */
    static String outcome(byte[] input) {
        if (input.length == 0) {
            return "-";
        }
        try {
            return "accept\t" + String.join("\t", Decoded.lines(frame(input), side(input), requested(input)));
        } catch (MalformedException e) {
            return "refuse\t" + e.failureClass().text();
        }
    }

    private static Side side(byte[] input) {
        return (input[0] & TO_AGENT) == 0 ? Side.CLIENT : Side.AGENT;
    }

    private static List<String> requested(byte[] input) {
        return TARGETS.subList(0, input[0] & 3);
    }

    private static ByteBuffer frame(byte[] input) {
        return ByteBuffer.wrap(input, 1, input.length - 1).slice();
    }

    /** Again if it was too much, for what is done but once, such as loading a class, does not count. */
    private static void decodeWithinBounds(byte[] input) {
        long most = ALLOCATED_AT_ALL + ALLOCATED_PER_BYTE * (long) input.length;
        long allocated = allocated(input);
        if (allocated > most) {
            allocated = allocated(input);
        }
        assertTrue(allocated <= most, allocated + " bytes");
    }

    private static long allocated(byte[] input) {
        ByteBuffer in = frame(input);
        long before = THREADS.getCurrentThreadAllocatedBytes();
        try {
            Header header = Header.decode(in, side(input));
            if (in.remaining() >= header.length()) {
                Decoded.message(header, in.slice(in.position(), header.length()), requested(input));
            }
        } catch (MalformedException e) {
            // What it allocated until then is the question.
        }
        return THREADS.getCurrentThreadAllocatedBytes() - before;
    }

    /** What was decoded encodes to the same bytes, but for what a decoder may skip, and decodes to the same again. */
    private static void encodesTheSame(byte[] input) {
        ByteBuffer in = frame(input);
        try {
            Header header = Header.decode(in, side(input));
            Message message = Decoded.message(header, in, requested(input));
            byte[] encoded = encoded(message, header.version());
            assertEquals(
                    HexFormat.of().formatHex(Canonical.frame(header, frame(input))),
                    HexFormat.of().formatHex(encoded));
            assertEquals(outcome(input), outcome(behind(input[0], encoded)));
        } catch (MalformedException e) {
            throw new IllegalStateException("accepted and then refused", e);
        }
    }

    private static byte[] encoded(Message message, Version version) {
        ByteBuffer frame = switch (message) {
            case Request request -> request.encode(version);
            case Delivery delivery -> whole(delivery, version);
            case Refusal refusal -> refusal.encode(version);
            case Plan plan -> plan.encode(version);
            case Check check -> check.encode(version);
            case Status status -> status.encode(version);
            case Ask ask -> ask.encode(version);
            case Supply supply -> supply.encode(version);
            case Parcel parcel -> whole(parcel, version);
        };
        byte[] bytes = new byte[frame.remaining()];
        frame.get(bytes);
        return bytes;
    }

    private static ByteBuffer whole(Delivery delivery, Version version) {
        ByteBuffer prefix = delivery.prefix().encode(version);
        ByteBuffer frame = ByteBuffer.allocate(
                        prefix.remaining() + delivery.prefix().blockBytes())
                .put(prefix);
        delivery.entries().forEach(entry -> frame.put(entry.duplicate()).put((byte) 0));
        return frame.flip();
    }

    private static ByteBuffer whole(Parcel parcel, Version version) {
        ByteBuffer prefix = parcel.prefix().encode(version);
        ByteBuffer frame = ByteBuffer.allocate(
                        prefix.remaining() + parcel.prefix().blockBytes())
                .put(prefix);
        for (Parcel.Item item : parcel.items()) {
            frame.put(Parcel.head(item.file(), item.text().remaining()))
                    .put(item.text().duplicate())
                    .put((byte) 0);
        }
        return frame.flip();
    }

    private static byte[] behind(byte first, byte[] frame) {
        return ByteBuffer.allocate(1 + frame.length).put(first).put(frame).array();
    }

    /** The launcher's codec in a process of its own, for as long as this one lives. */
    private static final class Launcher {
        private final Process process;

        Launcher(String program) {
            try {
                process = new ProcessBuilder(program, "frames")
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        String outcome(byte[] input) {
            try {
                var writer = process.outputWriter(StandardCharsets.US_ASCII);
                writer.write(HexFormat.of().formatHex(input) + "\n");
                writer.flush();
                return String.valueOf(
                        process.inputReader(StandardCharsets.US_ASCII).readLine());
            } catch (IOException e) {
                throw new UncheckedIOException("the launcher's codec ended", e);
            }
        }
    }
}
