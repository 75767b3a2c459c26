package dev.latchkey.agent.json;

import java.nio.ByteBuffer;

/** Whether bytes are UTF-8, told without turning them into characters. SECURITY: a decoder would leave a copy of the value behind. */
public final class Utf8 {
    private static final int CONTINUATION = 0x80;
    private static final long HIGHS = 0x8080_8080_8080_8080L;

    private Utf8() {}

    /** Of what remains, whose position stays. */
    public static boolean isValid(ByteBuffer bytes) {
        int at = afterAscii(bytes, bytes.position());
        while (at < bytes.limit()) {
            int length = length(bytes, at);
            if (length == 0) {
                return false;
            }
            at = afterAscii(bytes, at + length);
        }
        return true;
    }

    /** Passes over eight bytes at once as long as all of them are characters by themselves. */
    private static int afterAscii(ByteBuffer bytes, int from) {
        int at = from;
        while (at <= bytes.limit() - Long.BYTES && (bytes.getLong(at) & HIGHS) == 0) {
            at += Long.BYTES;
        }
        return at;
    }

    /** The length of the character that begins there, 0 if none does. */
    private static int length(ByteBuffer bytes, int at) {
        int first = bytes.get(at) & 0xFF;
        int length = first < 0x80 ? 1 : first < 0xC2 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : first < 0xF5 ? 4 : 0;
        if (at + length > bytes.limit()) {
            return 0;
        }
        for (int i = 1; i < length; i++) {
            if ((bytes.get(at + i) & 0xC0) != CONTINUATION) {
                return 0;
            }
        }
        return length > 2 && !isShortest(first, bytes.get(at + 1) & 0xFF) ? 0 : length;
    }

    /** Refuses what has a shorter form, surrogates, and what is beyond the last character. */
    private static boolean isShortest(int first, int second) {
        return switch (first) {
            case 0xE0 -> second >= 0xA0;
            case 0xED -> second < 0xA0;
            case 0xF0 -> second >= 0x90;
            case 0xF4 -> second < 0x90;
            default -> true;
        };
    }
}
