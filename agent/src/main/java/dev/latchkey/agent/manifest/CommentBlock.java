package dev.latchkey.agent.manifest;

import java.util.Optional;

/**
 * The annotation of a script: its first comment block, if that is marked with {@code @bruin}. What is not annotation becomes blank, so that
 * every line and column stays what it is in the script.
 */
final class CommentBlock {
    private static final String MARK = "@bruin";

    private CommentBlock() {}

    /** The annotation, as a document of its own; absent if the text does not begin with one. */
    static Optional<String> of(String text) {
        int begin = firstThatCounts(text);
        String rest = text.substring(begin);
        if (rest.startsWith("\"\"\"")) {
            return between(text, begin, "\"\"\"");
        }
        if (rest.startsWith("/*")) {
            return between(text, begin, "*/");
        }
        return rest.startsWith("#") && content(line(text, begin)).equals(MARK)
                ? Optional.of(lines(text, begin))
                : Optional.empty();
    }

    /** Behind blank lines and comments that say how the script is to be run or edited. */
    private static int firstThatCounts(String text) {
        int at = 0;
        while (at < text.length()) {
            String line = line(text, at);
            boolean passedOver =
                    line.isBlank() || (line.startsWith("#") && !content(line).equals(MARK));
            if (!passedOver) {
                break;
            }
            at += line.length() + 1;
        }
        return Math.min(at, text.length());
    }

    private static String line(String text, int at) {
        int end = text.indexOf('\n', at);
        return text.substring(at, end < 0 ? text.length() : end);
    }

    private static String content(String commentLine) {
        return commentLine.substring(1).strip();
    }

    /** {@code """@bruin … @bruin"""} and the like. */
    private static Optional<String> between(String text, int begin, String close) {
        int opening = begin + (close.equals("*/") ? 2 : close.length());
        int mark = text.indexOf(MARK, opening);
        int end = text.indexOf(close, opening);
        if (mark < 0 || end < mark || !text.substring(opening, mark).isBlank()) {
            return Optional.empty();
        }
        int first = mark + MARK.length();
        int last = text.lastIndexOf(MARK, end);
        int stop = last >= first && text.substring(last + MARK.length(), end).isBlank() ? last : end;
        return Optional.of(blank(text.substring(0, first)) + text.substring(first, stop));
    }

    /** {@code # @bruin} to the next such line, without the comment signs. */
    private static String lines(String text, int begin) {
        StringBuilder out = new StringBuilder(blank(text.substring(0, begin)));
        int at = begin;
        boolean open = false;
        while (at < text.length()) {
            String line = line(text, at);
            boolean mark = line.startsWith("#") && content(line).equals(MARK);
            if (!line.startsWith("#") || (mark && open)) {
                break;
            }
            open = true;
            out.append(mark ? "" : uncommented(line)).append('\n');
            at += line.length() + 1;
        }
        return out.toString();
    }

    /** The sign and the blank behind it become blanks; a line of the sign alone is empty. */
    private static String uncommented(String line) {
        return content(line).isEmpty() ? "" : " " + line.substring(1);
    }

    private static String blank(String text) {
        StringBuilder out = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            out.append(text.charAt(i) == '\n' ? '\n' : ' ');
        }
        return out.toString();
    }
}
