package dev.latchkey.protocol;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Asks for the secrets of one command: SPEC.md, section 4.1. Targets, names and references are text within their limits and otherwise not yet
 * judged, for a bad one is answered with a code of its own.
 *
 * @param deadline how long the client waits for the answer, 1 ms to 10 min
 * @param dryRun answer with a plan
 * @param project where store names without one are looked up
 * @param command the program about to be run, as the client says it
 * @param proof what exactly is about to be run, from a client that the agent may be able to believe
 */
public record Request(
        Duration deadline,
        boolean dryRun,
        Optional<String> project,
        Optional<String> environment,
        Optional<Token> token,
        Optional<String> command,
        Optional<Proof> proof,
        List<Binding> bindings)
        implements Message {
    /** The most bindings of one request. */
    public static final int MAX_BINDINGS = 1_024;

    private static final long MAX_DEADLINE_MILLIS = 600_000;
    private static final int MAX_TEXT = 4_096;
    private static final int DRY_RUN = 1;

    public Request {
        long millis = deadline.toMillis();
        if (millis < 1 || millis > MAX_DEADLINE_MILLIS) {
            throw new IllegalStateException("a deadline of " + millis + " ms");
        }
        project.ifPresent(text -> Texts.require(text, 1, MAX_TEXT));
        environment.ifPresent(text -> Texts.require(text, 1, MAX_TEXT));
        command.ifPresent(text -> Texts.require(text, 1, MAX_TEXT));
        bindings = List.copyOf(bindings);
        if (bindings.isEmpty() || bindings.size() > MAX_BINDINGS) {
            throw new IllegalStateException("a request of " + bindings.size() + " bindings");
        }
    }

    /**
     * "This reference is to appear there as this variable."
     *
     * @param reference SECURITY: may hold a default, so shown only up to its first comma
     */
    public record Binding(String target, String reference, boolean dangerousNameAllowed) {
        private static final int VARIABLE = 1;
        private static final int DANGEROUS_NAME_ALLOWED = 1;
        private static final int MAX_TARGET = 1_024;

        public Binding {
            Texts.require(target, 1, MAX_TARGET);
            Texts.require(reference, 1, MAX_TEXT);
        }

        private static Binding decode(FieldReader in) throws MalformedException {
            int kind = in.u8();
            int flags = in.u8();
            ByteBuffer target = in.bytes(in.u16());
            ByteBuffer reference = in.rest();
            in.requireLength(target, MAX_TARGET);
            in.requireLength(reference, MAX_TEXT);
            if ((flags & ~DANGEROUS_NAME_ALLOWED) != 0) {
                throw in.malformed(FailureClass.BAD_RESERVED, "a flag of a binding that has no meaning");
            }
            if (kind != VARIABLE) {
                throw in.badValue("is a binding of the unknown kind " + kind);
            }
            return new Binding(in.text(target, 1, MAX_TARGET), in.text(reference, 1, MAX_TEXT), flags != 0);
        }

        private byte[] encode() {
            byte[] targetBytes = target.getBytes(StandardCharsets.UTF_8);
            byte[] referenceBytes = reference.getBytes(StandardCharsets.UTF_8);
            return ByteBuffer.allocate(4 + targetBytes.length + referenceBytes.length)
                    .put((byte) VARIABLE)
                    .put((byte) (dangerousNameAllowed ? DANGEROUS_NAME_ALLOWED : 0))
                    .putShort((short) targetBytes.length)
                    .put(targetBytes)
                    .put(referenceBytes)
                    .array();
        }

        @Override
        public String toString() {
            int comma = reference.indexOf(',');
            return target + "=" + (comma < 0 ? reference : reference.substring(0, comma));
        }
    }

    /** Decodes a body, from the buffer's position to its limit. */
    public static Request decode(ByteBuffer body) throws MalformedException {
        FieldReader in = new FieldReader(body, Request::most);
        Fields fields = new Fields();
        while (in.next()) {
            fields.read(in);
        }
        return fields.end();
    }

    private static int most(int number) {
        return switch (number) {
            case 1, 2, 3, 4, 5, 6, 12 -> 1;
            case 16 -> MAX_BINDINGS;
            default -> 0;
        };
    }

    /** What was read so far. */
    private static final class Fields {
        private Optional<Duration> deadline = Optional.empty();
        private boolean dryRun;
        private Optional<String> project = Optional.empty();
        private Optional<String> environment = Optional.empty();
        private Optional<Token> token = Optional.empty();
        private Optional<String> command = Optional.empty();
        private Optional<Proof> proof = Optional.empty();
        private final List<Binding> bindings = new ArrayList<>();

        void read(FieldReader in) throws MalformedException {
            switch (in.number()) {
                case 1 -> deadline = Optional.of(deadline(in));
                case 2 -> dryRun = dryRun(in);
                case 3 -> project = Optional.of(in.text(MAX_TEXT));
                case 4 -> environment = Optional.of(in.text(MAX_TEXT));
                case 5 -> token = Optional.of(Token.decode(in));
                case 6 -> command = Optional.of(in.text(MAX_TEXT));
                case 12 -> proof = Optional.of(Proof.decode(in));
                default -> bindings.add(Binding.decode(in));
            }
        }

        private static Duration deadline(FieldReader in) throws MalformedException {
            long millis = in.u32();
            in.end();
            if (millis < 1 || millis > MAX_DEADLINE_MILLIS) {
                throw in.badValue("is not 1 to " + MAX_DEADLINE_MILLIS);
            }
            return Duration.ofMillis(millis);
        }

        private static boolean dryRun(FieldReader in) throws MalformedException {
            long options = in.u32();
            in.end();
            if ((options & ~DRY_RUN) != 0) {
                throw in.malformed(FailureClass.BAD_RESERVED, "an option that has no meaning");
            }
            return options == DRY_RUN;
        }

        Request end() throws MalformedException {
            Duration required = FieldReader.required(deadline, "deadline");
            if (bindings.isEmpty()) {
                throw new MalformedException(FailureClass.FIELD_MISSING, "no binding");
            }
            return new Request(required, dryRun, project, environment, token, command, proof, bindings);
        }
    }

    /** The whole frame. */
    public ByteBuffer encode(Version version) {
        FieldWriter out = new FieldWriter().u32(FieldWriter.CRITICAL | 1, deadline.toMillis());
        if (dryRun) {
            out.u32(FieldWriter.CRITICAL | 2, DRY_RUN);
        }
        project.ifPresent(text -> out.text(FieldWriter.CRITICAL | 3, text));
        environment.ifPresent(text -> out.text(FieldWriter.CRITICAL | 4, text));
        token.ifPresent(bytes -> out.bytes(FieldWriter.CRITICAL | 5, bytes.bytes()));
        command.ifPresent(text -> out.text(6, text));
        proof.ifPresent(said -> out.bytes(12, said.encode()));
        bindings.forEach(binding -> out.bytes(FieldWriter.CRITICAL | 16, binding.encode()));
        return out.frame(version, FrameType.REQUEST);
    }
}
