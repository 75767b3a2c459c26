package dev.latchkey.protocol;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The answer to a dry run: SPEC.md, section 4.4.
 *
 * @param entries one for each binding, in order; at most 1,024
 * @param hints at most 8
 */
public record Plan(List<Entry> entries, List<String> hints) implements Message {
    private static final int ANY = Integer.MAX_VALUE;

    public Plan {
        entries = List.copyOf(entries);
        hints = List.copyOf(hints);
        if (entries.size() > Request.MAX_BINDINGS || hints.size() > Refusal.MAX_HINTS) {
            throw new IllegalStateException("a plan of " + entries.size() + " entries and " + hints.size() + " hints");
        }
        hints.forEach(hint -> Texts.require(hint, 1, Texts.MAX_MESSAGE));
    }

    /**
     * What would happen to one binding.
     *
     * @param code 0, or the code with which a real request would fail
     * @param message goes with a code other than 0
     * @param rule absent: no rule matched
     * @param version absent: nothing would be delivered
     * @param size bytes of the value, before {@code decode} and {@code encode}; u32
     * @param age seconds since that version was made; u64
     * @param removed the variable would be removed
     * @param origin in the answer to a {@link Supply}
     */
    public record Entry(
            int code,
            Optional<String> message,
            boolean allowed,
            Optional<String> rule,
            Optional<String> provider,
            Optional<String> version,
            Optional<Long> size,
            Optional<Long> age,
            boolean removed,
            Optional<Origin> origin) {
        private static final int ALLOWED = 1;
        private static final int DENIED = 2;

        public Entry {
            if (code >>> 16 != 0 || size.filter(bytes -> bytes >>> 32 != 0).isPresent()) {
                throw new IllegalStateException("not an entry of a plan: code " + code + ", size " + size);
            }
            message.ifPresent(text -> Texts.require(text, 1, Texts.MAX_MESSAGE));
            rule.ifPresent(text -> Texts.require(text, 0, ANY));
            provider.ifPresent(text -> Texts.require(text, 0, ANY));
            version.ifPresent(text -> Texts.require(text, 0, ANY));
        }

        private byte[] encode() {
            FieldWriter out = new FieldWriter().u16(1, code);
            message.ifPresent(text -> out.text(2, text));
            out.u8(3, allowed ? ALLOWED : DENIED);
            rule.ifPresent(text -> out.text(4, text));
            provider.ifPresent(text -> out.text(5, text));
            version.ifPresent(text -> out.text(6, text));
            size.ifPresent(bytes -> out.u32(7, bytes));
            age.ifPresent(seconds -> out.u64(8, seconds));
            if (removed) {
                out.u8(9, 1);
            }
            origin.ifPresent(o -> o.encode(out));
            return out.toBytes();
        }
    }

    /**
     * What the client does not know of an entry that a document led to.
     *
     * @param reference up to its options; absent where there is none
     * @param replaces something weaker
     */
    public record Origin(String target, boolean file, Optional<String> reference, boolean replaces) {
        private static final int VARIABLE = 1;
        private static final int FILE = 2;

        public Origin {
            Texts.require(target, 1, Supply.MAX_TEXT);
            reference.ifPresent(text -> Texts.require(text, 0, ANY));
        }

        private void encode(FieldWriter out) {
            out.text(32, target).u8(33, file ? FILE : VARIABLE);
            reference.ifPresent(text -> out.text(34, text));
            if (replaces) {
                out.u8(35, 1);
            }
        }
    }

    /** Decodes the answer to a {@link Supply}: as many entries as it led to, each with its origin. */
    public static Plan decode(ByteBuffer body) throws MalformedException {
        Plan plan = read(body);
        if (plan.entries().stream().anyMatch(entry -> entry.origin().isEmpty())) {
            throw new MalformedException(FailureClass.FIELD_MISSING, "no target of an entry");
        }
        return plan;
    }

    /**
     * Decodes a body, from the buffer's position to its limit.
     *
     * @param bindings how many were requested
     */
    public static Plan decode(ByteBuffer body, int bindings) throws MalformedException {
        Plan plan = read(body);
        if (plan.entries().isEmpty()) {
            throw new MalformedException(FailureClass.FIELD_MISSING, "no entry");
        }
        if (plan.entries().size() != bindings) {
            throw new MalformedException(
                    FailureClass.BAD_VALUE, plan.entries().size() + " entries for " + bindings + " bindings");
        }
        return plan;
    }

    private static Plan read(ByteBuffer body) throws MalformedException {
        FieldReader in = new FieldReader(body, Plan::most);
        List<Entry> entries = new ArrayList<>();
        List<String> hints = new ArrayList<>();
        while (in.next()) {
            if (in.number() == 1) {
                entries.add(new EntryFields().decode(in.rest()));
            } else {
                hints.add(in.text(Texts.MAX_MESSAGE));
            }
        }
        return new Plan(entries, hints);
    }

    private static int most(int number) {
        return switch (number) {
            case 1 -> Request.MAX_BINDINGS;
            case 2 -> Refusal.MAX_HINTS;
            default -> 0;
        };
    }

    /** What was read of one entry so far. */
    private static final class EntryFields {
        private Optional<Integer> code = Optional.empty();
        private Optional<String> message = Optional.empty();
        private Optional<Boolean> allowed = Optional.empty();
        private Optional<String> rule = Optional.empty();
        private Optional<String> provider = Optional.empty();
        private Optional<String> version = Optional.empty();
        private Optional<Long> size = Optional.empty();
        private Optional<Long> age = Optional.empty();
        private boolean removed;
        private Optional<String> target = Optional.empty();
        private boolean file;
        private Optional<String> reference = Optional.empty();
        private boolean replaces;

        Entry decode(ByteBuffer value) throws MalformedException {
            FieldReader in = new FieldReader(value, number -> isKnown(number) ? 1 : 0);
            while (in.next()) {
                read(in);
                in.end();
            }
            return new Entry(
                    FieldReader.required(code, "code of an entry"),
                    message,
                    FieldReader.required(allowed, "decision of an entry"),
                    rule,
                    provider,
                    version,
                    size,
                    age,
                    removed,
                    target.map(name -> new Origin(name, file, reference, replaces)));
        }

        private static boolean isKnown(int number) {
            return (number >= 1 && number <= 9) || (number >= 32 && number <= 35);
        }

        private void read(FieldReader in) throws MalformedException {
            switch (in.number()) {
                case 1 -> code = Optional.of(in.u16());
                case 2 -> message = Optional.of(in.text(Texts.MAX_MESSAGE));
                case 3 -> allowed = Optional.of(oneOf(in, Entry.DENIED) == Entry.ALLOWED);
                case 4 -> rule = Optional.of(in.text(in.rest(), 0, ANY));
                case 5 -> provider = Optional.of(in.text(in.rest(), 0, ANY));
                case 6 -> version = Optional.of(in.text(in.rest(), 0, ANY));
                case 7 -> size = Optional.of(in.u32());
                case 8 -> age = Optional.of(in.u64());
                case 9 -> removed = oneOf(in, 1) == 1;
                case 32 -> target = Optional.of(in.text(Supply.MAX_TEXT));
                case 33 -> file = oneOf(in, Origin.FILE) == Origin.FILE;
                case 34 -> reference = Optional.of(in.text(in.rest(), 0, ANY));
                default -> replaces = oneOf(in, 1) == 1;
            }
        }

        /** A u8 of 1 to that greatest one. */
        private static int oneOf(FieldReader in, int greatest) throws MalformedException {
            int value = in.u8();
            in.end();
            if (value < 1 || value > greatest) {
                throw in.badValue("has the unknown value " + value);
            }
            return value;
        }
    }

    /** The whole frame. */
    public ByteBuffer encode(Version version) {
        FieldWriter out = new FieldWriter();
        entries.forEach(entry -> out.bytes(FieldWriter.CRITICAL | 1, entry.encode()));
        hints.forEach(hint -> out.text(2, hint));
        return out.frame(version, FrameType.PLAN);
    }
}
