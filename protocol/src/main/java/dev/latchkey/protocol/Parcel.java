package dev.latchkey.protocol;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Variables and files together, the answer to a {@link Supply}: SPEC.md, section 4.8.
 *
 * <p>SECURITY: as in a {@link Delivery}, only the part before the block is encoded here; the block is written by whoever opened the values.
 *
 * @param items as they stand in the block, without copying them
 */
public record Parcel(Prefix prefix, List<Item> items) implements Message {
    /** The most variables that a parcel can say are removed. */
    public static final int MAX_REMOVED = 4_096;

    /** The most items. */
    public static final int MAX_ITEMS = 4_096;

    private static final int VARIABLE = 1;
    private static final int FILE = 2;

    /** Kind and length, which stand before an item's name. */
    public static final int ITEM_HEAD = 1 + Integer.BYTES;

    /**
     * A view of one item.
     *
     * @param text name, equals sign and bytes, without the NUL behind them
     */
    public record Item(boolean file, ByteBuffer text) {}

    /** What stands before the block. */
    public record Prefix(Optional<Long> grant, List<String> removed, int count, int blockBytes) {
        public Prefix {
            removed = List.copyOf(removed);
            removed.forEach(name -> Texts.require(name, 1, Supply.MAX_TEXT));
        }

        /** Header and body up to the block's first byte, which must follow right after it. */
        public ByteBuffer encode(Version version) {
            FieldWriter out = new FieldWriter();
            grant.ifPresent(number -> out.u64(1, number));
            removed.forEach(name -> out.text(FieldWriter.CRITICAL | 2, name));
            out.u32(FieldWriter.CRITICAL | 3, count);
            out.head(FieldWriter.CRITICAL | 4, blockBytes);
            return out.frame(version, FrameType.PARCEL, blockBytes);
        }

        /** The longest block that fits into a frame behind these. */
        public static int maxBlock(List<String> removed) {
            int names = removed.stream().mapToInt(name -> 6 + Texts.bytes(name)).sum();
            return FrameType.PARCEL.maxBody() - (6 + 8) - names - (6 + 4) - 6;
        }
    }

    /** Decodes a body, from the buffer's position to its limit. */
    public static Parcel decode(ByteBuffer body) throws MalformedException {
        FieldReader in = new FieldReader(body, Parcel::most);
        Optional<Long> grant = Optional.empty();
        List<String> removed = new ArrayList<>();
        Optional<Long> count = Optional.empty();
        Optional<List<Item>> items = Optional.empty();
        int blockBytes = 0;
        while (in.next()) {
            switch (in.number()) {
                case 1 -> grant = Optional.of(in.u64());
                case 2 -> removed.add(in.text(Supply.MAX_TEXT));
                case 3 -> count = Optional.of(in.u32());
                default -> {
                    blockBytes = in.rest().remaining();
                    items = Optional.of(items(in));
                }
            }
            if (in.number() == 1 || in.number() == 3) {
                in.end();
            }
        }
        long wanted = FieldReader.required(count, "count");
        List<Item> found = FieldReader.required(items, "block");
        if (found.size() != wanted) {
            throw new MalformedException(FailureClass.BAD_VALUE, found.size() + " items where " + wanted + " are said");
        }
        return new Parcel(new Prefix(grant, removed, found.size(), blockBytes), found);
    }

    private static int most(int number) {
        return switch (number) {
            case 1, 3, 4 -> 1;
            case 2 -> MAX_REMOVED;
            default -> 0;
        };
    }

    private static List<Item> items(FieldReader in) throws MalformedException {
        List<Item> items = new ArrayList<>();
        while (in.rest().hasRemaining()) {
            if (items.size() == MAX_ITEMS) {
                throw in.malformed(FailureClass.TOO_LONG, "more than " + MAX_ITEMS + " items");
            }
            items.add(item(in));
        }
        return items;
    }

    private static Item item(FieldReader in) throws MalformedException {
        int kind = in.u8();
        ByteBuffer text = in.bytes(in.u32());
        int end = in.u8();
        if (kind != VARIABLE && kind != FILE) {
            throw in.badValue("has an item of the unknown kind " + kind);
        }
        if (end != 0 || (kind == VARIABLE && indexOf(text, 0) >= 0) || indexOf(text, '=') < 1) {
            throw in.badValue("has an item that is not NAME=VALUE and a NUL");
        }
        return new Item(kind == FILE, text);
    }

    private static int indexOf(ByteBuffer text, int wanted) {
        for (int i = text.position(); i < text.limit(); i++) {
            if (text.get(i) == wanted) {
                return i - text.position();
            }
        }
        return -1;
    }

    /** The first bytes of an item, whose name, equals sign, bytes and NUL follow. */
    public static byte[] head(boolean file, int textBytes) {
        return ByteBuffer.allocate(ITEM_HEAD)
                .put((byte) (file ? FILE : VARIABLE))
                .putInt(textBytes)
                .array();
    }

    /** Name and equals sign, for a name of any characters. */
    public static byte[] name(String target) {
        return (target + "=").getBytes(StandardCharsets.UTF_8);
    }
}
