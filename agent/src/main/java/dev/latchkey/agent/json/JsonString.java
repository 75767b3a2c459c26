package dev.latchkey.agent.json;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** What stands between the quotes of a JSON string whose escapes are known to be complete. */
public final class JsonString {
    private static final String LETTERS = "bfnrt";
    private static final String MEANINGS = "\b\f\n\r\t";

    private final byte[] json;
    private final int begin;
    private final int end;

    JsonString(byte[] json, int begin, int end) {
        this.json = json;
        this.begin = begin;
        this.end = end;
    }

    /** The text without escapes, as UTF-8. */
    byte[] content() {
        byte[] result = new byte[unescape(null)];
        unescape(result);
        return result;
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

    /** Writes the text, or only counts its bytes. */
    private int unescape(byte @Nullable [] to) {
        int length = 0;
        int at = begin;
        while (at < end) {
            if (json[at] != '\\') {
                length = put(to, length, json[at]);
                at++;
            } else if (json[at + 1] != 'u') {
                length = put(to, length, meaning(json[at + 1]));
                at += 2;
            } else {
                int character = character(at);
                length = encode(to, length, character);
                at += character >= Character.MIN_SUPPLEMENTARY_CODE_POINT ? 12 : 6;
            }
        }
        return length;
    }

    private static int meaning(byte letter) {
        int index = LETTERS.indexOf(letter);
        return index < 0 ? letter : MEANINGS.charAt(index);
    }

    /** The character of one escape, or of two that are a pair; one half of a pair is no text. */
    private int character(int at) {
        char first = unit(at);
        if (!Character.isSurrogate(first)) {
            return first;
        }
        boolean more = at + 12 <= end && json[at + 6] == '\\' && json[at + 7] == 'u';
        char second = more ? unit(at + 6) : 0;
        if (!Character.isSurrogatePair(first, second)) {
            throw JsonDocument.notJson();
        }
        return Character.toCodePoint(first, second);
    }

    private char unit(int at) {
        int unit = 0;
        for (int i = at + 2; i < at + 6; i++) {
            unit = unit << 4 | hexDigit(json[i]);
        }
        return (char) unit;
    }

    private static int encode(byte @Nullable [] to, int length, int c) {
        if (c < 0x80) {
            return put(to, length, c);
        }
        if (c < 0x800) {
            return tail(to, put(to, length, 0xC0 | c >> 6), c, 1);
        }
        return c < Character.MIN_SUPPLEMENTARY_CODE_POINT
                ? tail(to, put(to, length, 0xE0 | c >> 12), c, 2)
                : tail(to, put(to, length, 0xF0 | c >> 18), c, 3);
    }

    private static int tail(byte @Nullable [] to, int length, int c, int bytes) {
        int end = length;
        for (int shift = 6 * (bytes - 1); shift >= 0; shift -= 6) {
            end = put(to, end, 0x80 | (c >> shift & 0x3F));
        }
        return end;
    }

    private static int put(byte @Nullable [] to, int length, int b) {
        if (to != null) {
            to[length] = (byte) b;
        }
        return length + 1;
    }
}
