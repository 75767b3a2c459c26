package dev.latchkey.protocol;

import java.nio.charset.StandardCharsets;

/** Text as the specification has it: UTF-8 without control characters, within a number of bytes. */
public final class Texts {
    /** The longest message, hint or reason, in bytes. */
    public static final int MAX_MESSAGE = 512;

    private static final String CUT = "…";
    private static final int CUT_BYTES = 3;

    private Texts() {}

    /** Whether the string has no character that text must not have; lone surrogates have no UTF-8. */
    static boolean isText(String string) {
        return string.codePoints().noneMatch(c -> c < 0x20 || c == 0x7F || (c >= 0xD800 && c <= 0xDFFF));
    }

    /** The string as text that fits: what must not be there becomes {@code ?}, what is too much becomes {@code …}. */
    public static String fit(String string, int maxBytes) {
        String text = isText(string) ? string : replaced(string);
        return bytes(text) <= maxBytes ? text : cut(text, maxBytes - CUT_BYTES) + CUT;
    }

    private static String replaced(String string) {
        StringBuilder text = new StringBuilder(string.length());
        string.codePoints().forEach(c -> text.appendCodePoint(isText(Character.toString(c)) ? c : '?'));
        return text.toString();
    }

    private static String cut(String text, int maxBytes) {
        int end = 0;
        for (int bytes = 0; end < text.length(); ) {
            int next = text.offsetByCodePoints(end, 1);
            bytes += bytes(text.substring(end, next));
            if (bytes > maxBytes) {
                break;
            }
            end = next;
        }
        return text.substring(0, end);
    }

    static int bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }

    /** For compact constructors: a text outside these bounds is a bug of whoever makes the message. */
    static void require(String text, int min, int max) {
        int bytes = bytes(text);
        if (bytes < min || bytes > max || !isText(text)) {
            throw new IllegalStateException("not text of " + min + " to " + max + " bytes");
        }
    }
}
