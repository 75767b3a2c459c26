package dev.latchkey.protocol;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Nothing is delivered, and why: SPEC.md, section 4.3. The layout is the same in every version.
 *
 * @param failures 1 to 1,025
 * @param hints at most 8
 * @param retryAfter when asking again makes sense
 */
public record Refusal(List<Failure> failures, List<String> hints, Optional<Duration> retryAfter) implements Message {
    /** One for each binding, and one for the request as a whole. */
    public static final int MAX_FAILURES = Request.MAX_BINDINGS + 1;

    /** The most hints of one answer. */
    public static final int MAX_HINTS = 8;

    public Refusal {
        failures = List.copyOf(failures);
        hints = List.copyOf(hints);
        if (failures.isEmpty() || failures.size() > MAX_FAILURES || hints.size() > MAX_HINTS) {
            throw new IllegalStateException(
                    "a refusal of " + failures.size() + " failures and " + hints.size() + " hints");
        }
        hints.forEach(hint -> Texts.require(hint, 1, Texts.MAX_MESSAGE));
        retryAfter.ifPresent(Refusal::requireU32);
    }

    private static void requireU32(Duration duration) {
        if (duration.toMillis() >>> 32 != 0) {
            throw new IllegalStateException("not a duration for the wire: " + duration);
        }
    }

    /** A refusal of the request as a whole. */
    public static Refusal of(Code code, String message) {
        return new Refusal(List.of(Failure.of(code, message)), List.of(), Optional.empty());
    }

    /**
     * One thing that failed.
     *
     * @param code its number, for a receiver may not know its name
     * @param binding the index of a binding; absent: the request as a whole
     * @param message what failed, on which named thing; 1 to 512 bytes
     */
    public record Failure(int code, Optional<Integer> binding, String message) {
        private static final int WHOLE_REQUEST = 0xFFFF;

        public Failure {
            if (code >>> 16 != 0 || binding.filter(Failure::isNoIndex).isPresent()) {
                throw new IllegalStateException("not a failure: code " + code + " of binding " + binding);
            }
            Texts.require(message, 1, Texts.MAX_MESSAGE);
        }

        public static Failure of(Code code, String message) {
            return new Failure(code.number(), Optional.empty(), message);
        }

        private static boolean isNoIndex(int binding) {
            return binding < 0 || binding >= WHOLE_REQUEST;
        }

        private static Failure decode(FieldReader in) throws MalformedException {
            int code = in.u16();
            int binding = in.u16();
            String message = in.text(Texts.MAX_MESSAGE);
            return new Failure(code, binding == WHOLE_REQUEST ? Optional.empty() : Optional.of(binding), message);
        }

        private byte[] encode() {
            byte[] text = message.getBytes(StandardCharsets.UTF_8);
            return ByteBuffer.allocate(4 + text.length)
                    .putShort((short) code)
                    .putShort(binding.orElse(WHOLE_REQUEST).shortValue())
                    .put(text)
                    .array();
        }
    }

    /** Decodes a body, from the buffer's position to its limit. */
    public static Refusal decode(ByteBuffer body) throws MalformedException {
        FieldReader in = new FieldReader(body, Refusal::most);
        List<Failure> failures = new ArrayList<>();
        List<String> hints = new ArrayList<>();
        Optional<Duration> retryAfter = Optional.empty();
        while (in.next()) {
            switch (in.number()) {
                case 1 -> failures.add(Failure.decode(in));
                case 2 -> hints.add(in.text(Texts.MAX_MESSAGE));
                default -> {
                    retryAfter = Optional.of(Duration.ofMillis(in.u32()));
                    in.end();
                }
            }
        }
        if (failures.isEmpty()) {
            throw new MalformedException(FailureClass.FIELD_MISSING, "no failure");
        }
        return new Refusal(failures, hints, retryAfter);
    }

    private static int most(int number) {
        return switch (number) {
            case 1 -> MAX_FAILURES;
            case 2 -> MAX_HINTS;
            case 3 -> 1;
            default -> 0;
        };
    }

    /** The whole frame. */
    public ByteBuffer encode(Version version) {
        FieldWriter out = new FieldWriter();
        failures.forEach(failure -> out.bytes(FieldWriter.CRITICAL | 1, failure.encode()));
        hints.forEach(hint -> out.text(2, hint));
        retryAfter.ifPresent(duration -> out.u32(3, duration.toMillis()));
        return out.frame(version, FrameType.REFUSAL);
    }
}
