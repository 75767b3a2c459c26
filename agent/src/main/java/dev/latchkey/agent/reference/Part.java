package dev.latchkey.agent.reference;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.FailureKind;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;

/** A piece of a reference that knows where it stands, so that an error in it has its column. Offsets are within the piece. */
record Part(String text, int begin, int end) {
    static Part whole(String text) {
        return new Part(text, 0, text.length());
    }

    /** Where the character first stands, -1 if nowhere. */
    int find(char wanted) {
        int found = text.indexOf(wanted, begin, end);
        return found < 0 ? -1 : found - begin;
    }

    /** As {@link #find}, of a character that must not stand twice. */
    int findOnly(char wanted) {
        int first = find(wanted);
        int second = first < 0 ? -1 : text.indexOf(wanted, begin + first + 1, end);
        if (second >= 0) {
            throw badAt(second - begin, "a second '" + wanted + "'");
        }
        return first;
    }

    Part from(int offset) {
        return new Part(text, begin + offset, end);
    }

    Part until(int offset) {
        return new Part(text, begin, begin + offset);
    }

    boolean isEmpty() {
        return begin == end;
    }

    boolean startsWith(String prefix) {
        return end - begin >= prefix.length() && text.startsWith(prefix, begin);
    }

    String raw() {
        return text.substring(begin, end);
    }

    /** What it means: percent-decoded, not empty, without control characters. */
    String decoded(String what) {
        if (isEmpty()) {
            throw badAt(0, what + " is empty");
        }
        return decoded(true);
    }

    /** As {@link #decoded(String)}, but it may be empty, and escapes may stand for any character but NUL. */
    String decodedText() {
        return decoded(false);
    }

    AgentException badAt(int offset, String what) {
        int column = text.codePointCount(0, begin + offset) + 1;
        return new AgentException(FailureKind.BAD_REFERENCE, "column " + column + " of the reference: " + what);
    }

    private String decoded(boolean strict) {
        refuseControls();
        if (find('%') < 0) {
            return raw();
        }
        byte[] bytes = unescaped();
        String result = utf8(bytes);
        for (int i = 0; i < bytes.length; i++) {
            if (strict ? isControl(bytes[i]) : bytes[i] == 0) {
                throw badAt(sourceOf(i), "a control character");
            }
        }
        return result;
    }

    private void refuseControls() {
        for (int i = begin; i < end; i++) {
            if (isControl(text.charAt(i))) {
                throw badAt(i - begin, "a control character");
            }
        }
    }

    private byte[] unescaped() {
        byte[] source = raw().getBytes(StandardCharsets.UTF_8);
        ByteBuffer result = ByteBuffer.allocate(source.length);
        for (int i = 0; i < source.length; i++) {
            if (source[i] != '%') {
                result.put(source[i]);
                continue;
            }
            int high = digit(source, i + 1);
            int low = digit(source, i + 2);
            if (high < 0 || low < 0) {
                throw badAt(charsIn(source, i), "'%' without two hexadecimal digits");
            }
            result.put((byte) (high << 4 | low));
            i += 2;
        }
        byte[] exact = new byte[result.position()];
        result.flip().get(exact);
        return exact;
    }

    private String utf8(byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        CharBuffer out = CharBuffer.allocate(bytes.length);
        CoderResult result = StandardCharsets.UTF_8.newDecoder().decode(in, out, true);
        if (result.isError()) {
            throw badAt(sourceOf(in.position()), "bytes that are not UTF-8");
        }
        return out.flip().toString();
    }

    /** Where in this part the decoded byte of that index comes from. */
    private int sourceOf(int index) {
        byte[] source = raw().getBytes(StandardCharsets.UTF_8);
        int offset = 0;
        for (int i = 0; i < index; i++) {
            offset += source[offset] == '%' ? 3 : 1;
        }
        return charsIn(source, offset);
    }

    private static int charsIn(byte[] utf8, int length) {
        return new String(utf8, 0, length, StandardCharsets.UTF_8).length();
    }

    private static int digit(byte[] source, int index) {
        return index < source.length ? hexDigit(source[index]) : -1;
    }

    /** SECURITY: {@code Character.digit} takes digits of other scripts too. */
    private static int hexDigit(byte c) {
        if (c >= '0' && c <= '9') {
            return c - '0';
        }
        int lower = c | 0x20;
        return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
    }

    private static boolean isControl(int c) {
        return (c >= 0 && c < ' ') || c == 0x7F;
    }
}
