package dev.latchkey.protocol;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The answer to a dry run: SPEC.md, section 4.4.
 *
 * @param entries one for each binding, in order; 1 to 1,024
 * @param hints at most 8
 */
public record Plan(List<Entry> entries, List<String> hints) implements Message {
    private static final int ANY = Integer.MAX_VALUE;

    public Plan {
        entries = List.copyOf(entries);
        hints = List.copyOf(hints);
        if (entries.isEmpty() || entries.size() > Request.MAX_BINDINGS || hints.size() > Refusal.MAX_HINTS) {
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
            boolean removed) {
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
            return out.toBytes();
        }
    }

    /**
     * Decodes a body, from the buffer's position to its limit.
     *
     * @param bindings how many were requested
     */
    public static Plan decode(ByteBuffer body, int bindings) throws MalformedException {
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
        if (entries.isEmpty()) {
            throw new MalformedException(FailureClass.FIELD_MISSING, "no entry");
        }
        if (entries.size() != bindings) {
            throw new MalformedException(
                    FailureClass.BAD_VALUE, entries.size() + " entries for " + bindings + " bindings");
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

        Entry decode(ByteBuffer value) throws MalformedException {
            FieldReader in = new FieldReader(value, number -> number >= 1 && number <= 9 ? 1 : 0);
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
                    removed);
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
                default -> removed = oneOf(in, 1) == 1;
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
