package dev.latchkey.agent.audit;

import java.util.Arrays;

/**
 * Bytes of JSON as they are being written: printable ASCII and nothing else, so that no text can break a line, move a
 * cursor or change how a line reads.
 */
final class JsonBuffer {
    private static final byte[] HEX = {'0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'};
    private static final int MAX_ESCAPE = 6;
    private static final int MAX_DIGITS = 20;

    private final int initial;
    private byte[] bytes;
    private int length;

    JsonBuffer(int initial) {
        this.initial = initial;
        this.bytes = new byte[initial];
    }

    byte[] bytes() {
        return bytes;
    }

    int length() {
        return length;
    }

    /** Drops everything behind that place. */
    void cutTo(int place) {
        length = place;
    }

    /** Empties it, and gives back what one large record took. */
    void clear() {
        length = 0;
        if (bytes.length > initial) {
            bytes = new byte[initial];
        }
    }

    /** Characters of ours, ASCII, as they are. */
    JsonBuffer raw(String text) {
        int count = text.length();
        ensure(count);
        for (int i = 0; i < count; i++) {
            bytes[length++] = (byte) text.charAt(i);
        }
        return this;
    }

    JsonBuffer raw(char c) {
        ensure(1);
        bytes[length++] = (byte) c;
        return this;
    }

    JsonBuffer number(long value) {
        if (value < 0) {
            return raw(Long.toString(value));
        }
        ensure(MAX_DIGITS);
        int end = length + digits(value);
        length = end;
        long rest = value;
        do {
            bytes[--end] = (byte) ('0' + rest % 10);
            rest /= 10;
        } while (rest != 0);
        return this;
    }

    /** The number with leading zeros up to that width. */
    JsonBuffer padded(int value, int width) {
        for (int digits = digits(value); digits < width; digits++) {
            raw('0');
        }
        return number(value);
    }

    JsonBuffer hex(byte[] digest) {
        ensure(2 * digest.length);
        for (byte b : digest) {
            bytes[length++] = HEX[b >> 4 & 0xF];
            bytes[length++] = HEX[b & 0xF];
        }
        return this;
    }

    /** Any text as a JSON string. SECURITY: the only way in for text that is not ours. */
    JsonBuffer string(String text) {
        int count = text.length();
        ensure(2);
        bytes[length++] = '"';
        for (int i = 0; i < count; i++) {
            ensure(MAX_ESCAPE + 1);
            escape(text.charAt(i));
        }
        bytes[length++] = '"';
        return this;
    }

    private void escape(char c) {
        if (c == '"' || c == '\\') {
            bytes[length++] = '\\';
            bytes[length++] = (byte) c;
        } else if (c >= ' ' && c < 0x7F) {
            bytes[length++] = (byte) c;
        } else {
            bytes[length++] = '\\';
            bytes[length++] = 'u';
            for (int shift = 12; shift >= 0; shift -= 4) {
                bytes[length++] = HEX[c >> shift & 0xF];
            }
        }
    }

    private static int digits(long value) {
        int digits = 1;
        for (long rest = value; rest >= 10; rest /= 10) {
            digits++;
        }
        return digits;
    }

    private void ensure(int more) {
        if (bytes.length - length < more) {
            bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, length + more));
        }
    }
}
