package dev.latchkey.agent.json;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** What stands between the quotes of a JSON string whose escapes are known to be complete. */
public final class JsonString {
    private static final String LETTERS = "bfnrt";
    private static final String MEANINGS = "\b\f\n\r\t";
    private static final int ESCAPE = 2;
    private static final int UNICODE_ESCAPE = 6;

    private final ByteBuffer json;
    private final int begin;
    private final int end;

    JsonString(ByteBuffer json, int begin, int end) {
        this.json = json;
        this.begin = begin;
        this.end = end;
    }

    /** Writes the text without escapes, as UTF-8, which is never longer than with them. */
    void writeTo(ByteBuffer to) {
        int at = begin;
        while (at < end) {
            int escape = nextEscape(at);
            to.put(json.slice(at, escape - at));
            at = escape == end ? end : writeMeaning(escape, to);
        }
    }

    /** The same in an array of its own. */
    byte[] content() {
        return ExactArray.of(end - begin, this::writeTo);
    }

    boolean is(byte[] text) {
        byte[] content = content();
        boolean same = Arrays.equals(content, text);
        Arrays.fill(content, (byte) 0);
        return same;
    }

    public static int hexDigit(int c) {
        if (c >= '0' && c <= '9') {
            return c - '0';
        }
        int lower = c | 0x20;
        return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
    }

    private int nextEscape(int from) {
        int at = from;
        while (at < end && json.get(at) != '\\') {
            at++;
        }
        return at;
    }

    /** Writes what an escape stands for; where it ends. */
    private int writeMeaning(int at, ByteBuffer to) {
        byte letter = json.get(at + 1);
        if (letter != 'u') {
            int index = LETTERS.indexOf(letter);
            to.put(index < 0 ? letter : (byte) MEANINGS.charAt(index));
            return at + ESCAPE;
        }
        int character = character(at);
        encode(character, to);
        return at + (character < Character.MIN_SUPPLEMENTARY_CODE_POINT ? UNICODE_ESCAPE : 2 * UNICODE_ESCAPE);
    }

    /** The character of one escape, or of two that are a pair; one half of a pair is no text. */
    private int character(int at) {
        char first = unit(at);
        if (!Character.isSurrogate(first)) {
            return first;
        }
        int next = at + UNICODE_ESCAPE;
        boolean more = next + UNICODE_ESCAPE <= end && json.get(next) == '\\' && json.get(next + 1) == 'u';
        char second = more ? unit(next) : 0;
        if (!Character.isSurrogatePair(first, second)) {
            throw JsonDocument.notJson();
        }
        return Character.toCodePoint(first, second);
    }

    private char unit(int at) {
        int unit = 0;
        for (int i = at + ESCAPE; i < at + UNICODE_ESCAPE; i++) {
            unit = unit << 4 | hexDigit(json.get(i));
        }
        return (char) unit;
    }

    private static void encode(int c, ByteBuffer to) {
        if (c < 0x80) {
            to.put((byte) c);
        } else if (c < 0x800) {
            encode(0xC0, 1, c, to);
        } else if (c < Character.MIN_SUPPLEMENTARY_CODE_POINT) {
            encode(0xE0, 2, c, to);
        } else {
            encode(0xF0, 3, c, to);
        }
    }

    /** A first byte of that kind, and so many that go on. */
    private static void encode(int kind, int more, int c, ByteBuffer to) {
        to.put((byte) (kind | c >> (6 * more)));
        for (int shift = 6 * (more - 1); shift >= 0; shift -= 6) {
            to.put((byte) (0x80 | (c >> shift & 0x3F)));
        }
    }
}
