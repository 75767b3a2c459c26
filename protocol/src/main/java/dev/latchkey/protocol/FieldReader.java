package dev.latchkey.protocol;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.function.IntUnaryOperator;

/**
 * Walks through the fields of a body: SPEC.md, section 2.2. Checks order, repetition, critical bits and bounds, then lends the value of one known
 * field after the other, which the reading methods consume.
 */
final class FieldReader {
    private static final int CRITICAL = 0x8000;

    private final ByteBuffer body;
    private final IntUnaryOperator most;
    private int number = -1;
    private int times;
    private ByteBuffer value = ByteBuffer.allocate(0);

    /**
     * @param body read from its position to its limit
     * @param most how often a field of that number may stand; 0 for one that is not known
     */
    FieldReader(ByteBuffer body, IntUnaryOperator most) {
        this.body = body.slice();
        this.most = most;
    }

    /** Goes to the next known field; false at the end of the body. */
    boolean next() throws MalformedException {
        while (body.hasRemaining()) {
            place(part(body, 2).getShort());
            long length = Integer.toUnsignedLong(part(body, 4).getInt());
            value = slice(body, length);
            if (most.applyAsInt(number) > 0) {
                return true;
            }
        }
        return false;
    }

    private void place(short tag) throws MalformedException {
        int found = tag & ~CRITICAL & 0xFFFF;
        int allowed = most.applyAsInt(found);
        if (found < number) {
            throw malformed(FailureClass.FIELD_ORDER, "field " + found + " stands after field " + number);
        }
        times = found == number ? times + 1 : 1;
        number = found;
        if (allowed == 0 && (tag & CRITICAL) != 0) {
            throw malformed(FailureClass.UNKNOWN_CRITICAL, "field " + found + " is critical and not known");
        }
        if (allowed > 0 && times > allowed) {
            throw malformed(FailureClass.FIELD_REPEATED, "field " + found + " stands more than " + allowed + " times");
        }
    }

    /** The number of the current field. */
    int number() {
        return number;
    }

    /** What is left of the current value, read from its position. */
    ByteBuffer rest() {
        return value;
    }

    int u8() throws MalformedException {
        return Byte.toUnsignedInt(part(value, 1).get());
    }

    int u16() throws MalformedException {
        return Short.toUnsignedInt(part(value, 2).getShort());
    }

    long u32() throws MalformedException {
        return Integer.toUnsignedLong(part(value, 4).getInt());
    }

    /** Unsigned, in the 64 bits of a long. */
    long u64() throws MalformedException {
        return part(value, 8).getLong();
    }

    /** The next bytes of the value as a view. */
    ByteBuffer bytes(long length) throws MalformedException {
        return slice(value, length);
    }

    /** Nothing may be left of the current value. */
    void end() throws MalformedException {
        if (value.hasRemaining()) {
            throw malformed(FailureClass.TRAILING, "field " + number + " goes on after its end");
        }
    }

    /** The rest of the value as text of 1 to so many bytes. */
    String text(int max) throws MalformedException {
        return text(value, 1, max);
    }

    /** Checks the length of some text, which is the first check of a value. */
    void requireLength(ByteBuffer bytes, int max) throws MalformedException {
        if (bytes.remaining() > max) {
            throw malformed(FailureClass.TOO_LONG, "field " + number + " has text of more than " + max + " bytes");
        }
    }

    String text(ByteBuffer bytes, int min, int max) throws MalformedException {
        requireLength(bytes, max);
        if (bytes.remaining() < min) {
            throw badValue("is empty");
        }
        String text = utf8(bytes);
        if (!Texts.isText(text)) {
            throw badValue("has a control character");
        }
        return text;
    }

    private String utf8(ByteBuffer bytes) throws MalformedException {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
        } catch (CharacterCodingException e) {
            throw badValue("is no UTF-8");
        }
    }

    MalformedException badValue(String what) {
        return malformed(FailureClass.BAD_VALUE, "field " + number + " " + what);
    }

    MalformedException malformed(FailureClass failureClass, String message) {
        return new MalformedException(failureClass, message);
    }

    /** A field that must be there. */
    static <T> T required(java.util.Optional<T> field, String name) throws MalformedException {
        return field.orElseThrow(() -> new MalformedException(FailureClass.FIELD_MISSING, "no " + name));
    }

    private ByteBuffer part(ByteBuffer from, int bytes) throws MalformedException {
        if (from.remaining() < bytes) {
            throw overrun();
        }
        return from;
    }

    private ByteBuffer slice(ByteBuffer from, long length) throws MalformedException {
        if (length > from.remaining()) {
            throw overrun();
        }
        ByteBuffer slice = from.slice(from.position(), (int) length);
        from.position(from.position() + (int) length);
        return slice;
    }

    private MalformedException overrun() {
        return malformed(FailureClass.FIELD_OVERRUN, "field " + number + " or a part of it reaches beyond its end");
    }
}
