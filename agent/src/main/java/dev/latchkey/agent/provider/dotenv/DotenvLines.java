package dev.latchkey.agent.provider.dotenv;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.FailureKind;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * {@code NAME=VALUE}, with an optional {@code export} before it. A value in single quotes is literal, in double quotes it knows {@code \n \r \t \" \$ \\};
 * both may go over several lines. Without quotes it ends with the line or before a blank and {@code #}, and blanks around it do not count. Of a
 * name that stands twice the later line counts for whoever looks it up.
 *
 * <p>SECURITY: octets in, octets out: values keep their bytes whatever they are, and are never a String.
 */
public final class DotenvLines {
    private static final byte[] BYTE_ORDER_MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};
    private static final byte[] EXPORT = "export".getBytes(StandardCharsets.US_ASCII);

    private final byte[] text;
    private final String file;
    private final List<Line> lines = new ArrayList<>();
    private int at;
    private int counted;
    private int number = 1;

    private DotenvLines(byte[] text, String file) {
        this.text = text;
        this.file = file;
        this.at = startsWith(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK.length : 0;
    }

    /**
     * One of them.
     *
     * @param number of the line that it begins in
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared, and never copied: it has to be wiped
    public record Line(String name, byte[] value, int number) {}

    /**
     * The values by their names, of each the last.
     *
     * @param file its name, for messages
     * @return values that are the caller's to wipe
     * @throws AgentException of kind {@code PROVIDER_MALFORMED}, with the number of the line
     */
    public static Map<String, byte[]> read(byte[] content, String file) {
        Map<String, byte[]> values = new LinkedHashMap<>();
        for (Line line : all(content, file)) {
            byte[] earlier = values.put(line.name(), line.value());
            if (earlier != null) {
                wipe(earlier);
            }
        }
        return values;
    }

    /**
     * All of them, in their order.
     *
     * @param file its name, for messages
     * @return values that are the caller's to wipe
     * @throws AgentException of kind {@code PROVIDER_MALFORMED}, with the number of the line
     */
    public static List<Line> all(byte[] content, String file) {
        DotenvLines reader = new DotenvLines(content, file);
        boolean whole = false;
        try {
            while (reader.at < reader.text.length) {
                reader.line();
            }
            whole = true;
            return reader.lines;
        } finally {
            if (!whole) {
                reader.lines.forEach(line -> wipe(line.value()));
            }
        }
    }

    /** Zeroes a value, or a file. */
    public static void wipe(byte[] octets) {
        Arrays.fill(octets, (byte) 0);
    }

    private void line() {
        skipBlanks();
        if (atEnd() || peek() == '#') {
            skipLine();
            return;
        }
        int begun = number();
        String name = name();
        skipBlanks();
        byte[] value = !atEnd() && (peek() == '"' || peek() == '\'') ? quoted() : plain();
        lines.add(new Line(name, value, begun));
    }

    /** Of the line that is read now. It is only ever asked for further on. */
    private int number() {
        for (; counted < at; counted++) {
            number += text[counted] == '\n' ? 1 : 0;
        }
        return number;
    }

    private String name() {
        if (startsWith(EXPORT) && at + EXPORT.length < text.length && isBlank(at + EXPORT.length)) {
            at += EXPORT.length;
            skipBlanks();
        }
        int begin = at;
        while (at < text.length && isNamePart(text[at])) {
            at++;
        }
        String name = new String(text, begin, at - begin, StandardCharsets.US_ASCII);
        skipBlanks();
        if (name.isEmpty() || atEnd() || peek() != '=') {
            throw malformed("is not NAME=VALUE");
        }
        at++;
        return name;
    }

    private byte[] quoted() {
        byte quote = peek();
        int opened = at++;
        int end = at;
        while (end < text.length && text[end] != quote) {
            end += text[end] == '\\' && quote == '"' && end + 1 < text.length ? 2 : 1;
        }
        if (end >= text.length) {
            at = opened;
            throw malformed("opens a quote that nothing closes");
        }
        int begin = at;
        at = end + 1;
        skipBlanks();
        if (!atEnd() && peek() != '#') {
            throw malformed("goes on behind its quotes");
        }
        skipLine();
        return quote == '"' ? unescaped(begin, end) : Arrays.copyOfRange(text, begin, end);
    }

    /** A backslash before any other character stays what it is. */
    private byte[] unescaped(int begin, int end) {
        byte[] room = new byte[end - begin];
        int length = 0;
        for (int i = begin; i < end; i++) {
            int meant = text[i] == '\\' && i + 1 < end ? meaning(text[i + 1]) : -1;
            room[length++] = meant < 0 ? text[i] : (byte) meant;
            i += meant < 0 ? 0 : 1;
        }
        byte[] exact = Arrays.copyOf(room, length);
        wipe(room);
        return exact;
    }

    private static int meaning(byte letter) {
        return switch (letter) {
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case '"', '$', '\\' -> letter;
            default -> -1;
        };
    }

    private byte[] plain() {
        int begin = at;
        int end = begin;
        for (; !atEnd(); at++) {
            if (peek() == '#' && (at == begin || isBlank(at - 1))) {
                break;
            }
            if (!isBlank(at)) {
                end = at + 1;
            }
        }
        skipLine();
        return Arrays.copyOfRange(text, begin, end);
    }

    private boolean startsWith(byte[] word) {
        return at + word.length <= text.length && Arrays.equals(text, at, at + word.length, word, 0, word.length);
    }

    private void skipBlanks() {
        while (at < text.length && isBlank(at)) {
            at++;
        }
    }

    private void skipLine() {
        while (at < text.length && text[at] != '\n') {
            at++;
        }
        at = Math.min(at + 1, text.length);
    }

    private boolean atEnd() {
        return at >= text.length || peek() == '\n';
    }

    private byte peek() {
        return text[at];
    }

    private boolean isBlank(int index) {
        byte c = text[index];
        return c == ' ' || c == '\t' || c == '\r';
    }

    private static boolean isNamePart(byte c) {
        boolean letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        return letter || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
    }

    private AgentException malformed(String what) {
        return new AgentException(FailureKind.PROVIDER_MALFORMED, file + " line " + number() + " " + what);
    }
}
