package dev.latchkey.protocol;

import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Set;

/**
 * Brings a frame that was accepted into the one form that a sender gives it: without the fields that a receiver skips, with the critical
 * bits of the tables in SPEC.md. It knows no more of the codec than those tables, so that it can be compared with it.
 */
final class Canonical {
    private static final int CRITICAL = 0x8000;
    private static final int NUMBER = 0x7FFF;
    private static final int OPTIONS = 2;

    private static final Map<FrameType, Set<Integer>> KNOWN = Map.of(
            FrameType.REQUEST, Set.of(1, 2, 3, 4, 5, 6, 12, 16),
            FrameType.DELIVERY, Set.of(1, 2, 3, 4),
            FrameType.REFUSAL, Set.of(1, 2, 3),
            FrameType.PLAN, Set.of(1, 2),
            FrameType.CHECK, Set.of(),
            FrameType.STATUS, Set.of(1, 2),
            FrameType.ASK, Set.of(1, 2),
            FrameType.SUPPLY, Set.of(1, 2, 3, 4, 5, 6, 7, 8, 16, 17, 18, 19, 20, 32, 33),
            FrameType.PARCEL, Set.of(1, 2, 3, 4));

    private static final Map<FrameType, Set<Integer>> CRITICALS = Map.of(
            FrameType.REQUEST, Set.of(1, 2, 3, 4, 5, 16),
            FrameType.DELIVERY, Set.of(2, 3, 4),
            FrameType.REFUSAL, Set.of(1),
            FrameType.PLAN, Set.of(1),
            FrameType.CHECK, Set.of(),
            FrameType.STATUS, Set.of(1),
            FrameType.ASK, Set.of(1, 2),
            FrameType.SUPPLY, Set.of(1, 2, 3, 4, 5, 7, 8, 16, 17, 18, 19, 20, 32, 33),
            FrameType.PARCEL, Set.of(2, 3, 4));

    private static final Set<Integer> ENTRY = Set.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 32, 33, 34, 35);

    private Canonical() {}

    static byte[] frame(Header header, ByteBuffer frame) {
        ByteBuffer out = ByteBuffer.allocate(frame.remaining());
        out.put(frame.slice(0, Header.BYTES));
        ByteBuffer body = frame.slice(Header.BYTES, frame.remaining() - Header.BYTES);
        while (body.hasRemaining()) {
            field(header.type(), body, out);
        }
        out.putInt(Header.BYTES - Integer.BYTES, out.position() - Header.BYTES);
        return bytes(out);
    }

    private static void field(FrameType type, ByteBuffer body, ByteBuffer out) {
        int number = body.getShort() & NUMBER;
        ByteBuffer value = value(body);
        boolean asks = type == FrameType.REQUEST || type == FrameType.SUPPLY;
        boolean isNone = asks && number == OPTIONS && value.getInt(0) == 0;
        if (KNOWN.getOrDefault(type, Set.of()).contains(number) && !isNone) {
            boolean isEntry = type == FrameType.PLAN && number == 1;
            int critical = CRITICALS.getOrDefault(type, Set.of()).contains(number) ? CRITICAL : 0;
            put(number | critical, isEntry ? entry(value) : bytes(value.position(value.limit())), out);
        }
    }

    private static byte[] entry(ByteBuffer fields) {
        ByteBuffer out = ByteBuffer.allocate(fields.remaining());
        while (fields.hasRemaining()) {
            int number = fields.getShort() & NUMBER;
            ByteBuffer value = value(fields);
            if (ENTRY.contains(number)) {
                put(number, bytes(value.position(value.limit())), out);
            }
        }
        return bytes(out);
    }

    private static void put(int tag, byte[] value, ByteBuffer out) {
        out.putShort((short) tag).putInt(value.length).put(value);
    }

    private static ByteBuffer value(ByteBuffer from) {
        int length = from.getInt();
        ByteBuffer value = from.slice(from.position(), length);
        from.position(from.position() + length);
        return value;
    }

    /** What stands before the position. */
    private static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.position()];
        buffer.get(0, bytes);
        return bytes;
    }
}
