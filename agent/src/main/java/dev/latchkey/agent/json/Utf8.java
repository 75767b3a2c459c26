package dev.latchkey.agent.json;

/** Whether bytes are UTF-8, told without turning them into characters. SECURITY: a decoder would leave a copy of the value behind. */
public final class Utf8 {
    private static final int CONTINUATION = 0x80;

    private Utf8() {}

    public static boolean isValid(byte[] bytes) {
        int at = 0;
        while (at < bytes.length) {
            int length = length(bytes, at);
            if (length == 0) {
                return false;
            }
            at += length;
        }
        return true;
    }

    /** The length of the character that begins there, 0 if none does. */
    private static int length(byte[] bytes, int at) {
        int first = bytes[at] & 0xFF;
        int length = first < 0x80 ? 1 : first < 0xC2 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : first < 0xF5 ? 4 : 0;
        if (at + length > bytes.length) {
            return 0;
        }
        for (int i = 1; i < length; i++) {
            if ((bytes[at + i] & 0xC0) != CONTINUATION) {
                return 0;
            }
        }
        return length > 2 && !isShortest(first, bytes[at + 1] & 0xFF) ? 0 : length;
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
