package dev.latchkey.protocol;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The values: SPEC.md, section 4.2.
 *
 * @param prefix everything of the message but the block
 * @param entries views of the block, one for each entry, {@code NAME=VALUE} without the NUL. SECURITY: they are the bytes of
 *     the frame itself, the receiver's to wipe
 */
public record Delivery(Prefix prefix, List<ByteBuffer> entries) implements Message {
    /** The longest entry, in bytes, its NUL included. */
    public static final int MAX_ENTRY = 131_072;

    public Delivery {
        entries = List.copyOf(entries);
    }

    @Override
    public String toString() {
        return "Delivery[" + prefix + ", [redacted]]";
    }

    /**
     * What stands before the block.
     *
     * @param grant the sequence number in the audit log, as 64 unsigned bits
     * @param removed indexes of bindings whose variables must not be set, ascending
     * @param count entries of the block
     * @param blockBytes length of the block
     */
    public record Prefix(Optional<Long> grant, List<Integer> removed, int count, int blockBytes) {
        public Prefix {
            removed = List.copyOf(removed);
            for (int i = 0; i < removed.size(); i++) {
                if (removed.get(i) >>> 16 != 0 || (i > 0 && removed.get(i) <= removed.get(i - 1))) {
                    throw new IllegalStateException("not ascending indexes: " + removed);
                }
            }
            if (count < 0 || blockBytes < 0) {
                throw new IllegalStateException("a block of " + count + " entries and " + blockBytes + " bytes");
            }
        }

        /** The longest block that still fits into a frame with this prefix. */
        public static int maxBlock(int removed) {
            return FrameType.DELIVERY.maxBody() - (6 + 8) - (6 + 2) * removed - (6 + 4) - 6;
        }

        /**
         * The frame up to the block, which the caller writes right after it from where it is. SECURITY: so that no value
         * is ever copied to be sent.
         */
        public ByteBuffer encode(Version version) {
            FieldWriter out = new FieldWriter();
            grant.ifPresent(number -> out.u64(1, number));
            removed.forEach(index -> out.u16(FieldWriter.CRITICAL | 2, index));
            out.u32(FieldWriter.CRITICAL | 3, count);
            out.head(FieldWriter.CRITICAL | 4, blockBytes);
            return out.frame(version, FrameType.DELIVERY, blockBytes);
        }
    }

    /**
     * Decodes a body, from the buffer's position to its limit.
     *
     * @param targets of the bindings that were requested, in order
     */
    public static Delivery decode(ByteBuffer body, List<String> targets) throws MalformedException {
        return new Fields(targets).decode(body);
    }

    private static int most(int number) {
        return switch (number) {
            case 1, 3, 4 -> 1;
            case 2 -> Request.MAX_BINDINGS;
            default -> 0;
        };
    }

    /** What was read so far. */
    private static final class Fields {
        private final List<String> targets;
        private final List<Integer> removed = new ArrayList<>();
        private final List<ByteBuffer> entries = new ArrayList<>();
        private Optional<Long> grant = Optional.empty();
        private Optional<Integer> count = Optional.empty();
        private Optional<Integer> blockBytes = Optional.empty();

        Fields(List<String> targets) {
            this.targets = targets;
        }

        Delivery decode(ByteBuffer body) throws MalformedException {
            FieldReader in = new FieldReader(body, Delivery::most);
            while (in.next()) {
                read(in);
                in.end();
            }
            int entryCount = FieldReader.required(count, "count");
            int bytes = FieldReader.required(blockBytes, "block");
            return new Delivery(new Prefix(grant, removed, entryCount, bytes), entries);
        }

        private void read(FieldReader in) throws MalformedException {
            switch (in.number()) {
                case 1 -> grant = Optional.of(in.u64());
                case 2 -> removed(in);
                case 3 -> count = Optional.of(count(in));
                default -> {
                    blockBytes = Optional.of(in.rest().remaining());
                    block(in);
                }
            }
        }

        private void removed(FieldReader in) throws MalformedException {
            int index = in.u16();
            in.end();
            if (index >= targets.size() || (!removed.isEmpty() && index <= removed.getLast())) {
                throw in.badValue("is no binding that may stand here: " + index);
            }
            removed.add(index);
        }

        private int count(FieldReader in) throws MalformedException {
            long value = in.u32();
            in.end();
            if (value != targets.size() - removed.size()) {
                throw in.badValue("is not the number of variables that were asked for");
            }
            return (int) value;
        }

        private void block(FieldReader in) throws MalformedException {
            for (int i = 0; i < targets.size(); i++) {
                if (!removed.contains(i)) {
                    entries.add(entry(in, targets.get(i) + "="));
                }
            }
            if (in.rest().hasRemaining()) {
                throw in.badValue("has an entry that was not asked for");
            }
        }

        private static ByteBuffer entry(FieldReader in, String name) throws MalformedException {
            ByteBuffer block = in.rest();
            int length = untilNul(block);
            if (length >= MAX_ENTRY) {
                throw in.malformed(FailureClass.TOO_LONG, "an entry of more than " + MAX_ENTRY + " bytes");
            }
            ByteBuffer expected = ByteBuffer.wrap(name.getBytes(StandardCharsets.UTF_8));
            if (length == block.remaining() || !startsWith(block, length, expected)) {
                throw in.badValue("has not the entry that was asked for");
            }
            ByteBuffer entry = in.bytes(length);
            in.u8();
            return entry;
        }

        private static int untilNul(ByteBuffer block) {
            int length = 0;
            while (length < block.remaining() && block.get(block.position() + length) != 0) {
                length++;
            }
            return length;
        }

        private static boolean startsWith(ByteBuffer block, int length, ByteBuffer expected) {
            int size = expected.remaining();
            return length >= size && block.slice(block.position(), size).equals(expected);
        }
    }
}
