package dev.latchkey.agent.provider.dotenv;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.FailureKind;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * {@code NAME=VALUE}, with an optional {@code export} before it. A value in single quotes is literal, in double quotes it knows {@code \n \r \t \" \$ \\};
 * both may go over several lines. Without quotes it ends with the line or before a blank and {@code #}, and blanks around it do not count. Of a
 * name that stands twice the later line counts.
 *
 * <p>The text is read as Latin-1 and written back so: its structure is ASCII, and values keep their bytes whatever they are.
 */
final class DotenvLines {
    private static final String BYTE_ORDER_MARK = "\u00EF\u00BB\u00BF";
    private static final String EXPORT = "export";

    private final String text;
    private final String file;
    private final Map<String, byte[]> lines = new LinkedHashMap<>();
    private int at;

    private DotenvLines(String text, String file) {
        this.text = text;
        this.file = file;
        this.at = text.startsWith(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK.length() : 0;
    }

    /**
     * @param file its name, for messages
     * @throws AgentException of kind {@code PROVIDER_MALFORMED}, with the number of the line
     */
    static Map<String, byte[]> read(byte[] content, String file) {
        DotenvLines reader = new DotenvLines(new String(content, StandardCharsets.ISO_8859_1), file);
        while (reader.at < reader.text.length()) {
            reader.line();
        }
        return reader.lines;
    }

    private void line() {
        skipBlanks();
        if (atEnd() || peek() == '#') {
            skipLine();
            return;
        }
        String name = name();
        skipBlanks();
        String value = !atEnd() && (peek() == '"' || peek() == '\'') ? quoted() : plain();
        lines.put(name, value.getBytes(StandardCharsets.ISO_8859_1));
    }

    private String name() {
        if (text.startsWith(EXPORT, at) && at + EXPORT.length() < text.length() && isBlank(at + EXPORT.length())) {
            at += EXPORT.length();
            skipBlanks();
        }
        int begin = at;
        while (at < text.length() && isNamePart(text.charAt(at))) {
            at++;
        }
        String name = text.substring(begin, at);
        skipBlanks();
        if (name.isEmpty() || atEnd() || peek() != '=') {
            throw malformed("is not NAME=VALUE");
        }
        at++;
        return name;
    }

    private String quoted() {
        char quote = peek();
        int opened = at++;
        StringBuilder value = new StringBuilder();
        while (at < text.length() && peek() != quote) {
            if (peek() == '\\' && quote == '"' && at + 1 < text.length()) {
                at++;
                value.append(unescaped(peek()));
            } else {
                value.append(peek());
            }
            at++;
        }
        if (at == text.length()) {
            at = opened;
            throw malformed("opens a quote that nothing closes");
        }
        at++;
        skipBlanks();
        if (!atEnd() && peek() != '#') {
            throw malformed("goes on behind its quotes");
        }
        skipLine();
        return value.toString();
    }

    /** A backslash before any other character stays what it is. */
    private static String unescaped(char letter) {
        return switch (letter) {
            case 'n' -> "\n";
            case 'r' -> "\r";
            case 't' -> "\t";
            case '"', '$', '\\' -> String.valueOf(letter);
            default -> "\\" + letter;
        };
    }

    private String plain() {
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
        return text.substring(begin, end);
    }

    private void skipBlanks() {
        while (at < text.length() && isBlank(at)) {
            at++;
        }
    }

    private void skipLine() {
        int end = text.indexOf('\n', at);
        at = end < 0 ? text.length() : end + 1;
    }

    private boolean atEnd() {
        return at >= text.length() || peek() == '\n';
    }

    private char peek() {
        return text.charAt(at);
    }

    private boolean isBlank(int index) {
        char c = text.charAt(index);
        return c == ' ' || c == '\t' || c == '\r';
    }

    private static boolean isNamePart(char c) {
        boolean letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        return letter || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
    }

    private AgentException malformed(String what) {
        long line = text.substring(0, at).chars().filter(c -> c == '\n').count() + 1;
        return new AgentException(FailureKind.PROVIDER_MALFORMED, file + " line " + line + " " + what);
    }
}
