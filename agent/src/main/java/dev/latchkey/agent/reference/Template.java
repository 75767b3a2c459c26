package dev.latchkey.agent.reference;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A text with <code>${…}</code> in it, taken apart in one pass from left to right. A reference reaches from <code>${</code> to the first
 * <code>}</code>; nothing nests; <code>$${</code> is a literal <code>${</code>. What a reference will become is no part of the text, so it is never
 * taken apart again.
 */
public record Template(List<Piece> pieces) {
    private static final String OPEN = "${";

    public Template {
        pieces = List.copyOf(pieces);
    }

    /** A part of the text. What is not literal knows at which character of the text its {@code $} stands. */
    public sealed interface Piece {
        /** Stands for itself; never empty, and never next to another one. */
        record Literal(String text) implements Piece {}

        /** <code>${secret:REF}</code>: the reference is not looked at yet. */
        record Secret(String reference, int at) implements Piece {}

        /** <code>${env:NAME}</code>. */
        record Variable(String name, int at) implements Piece {}

        /** <code>${file:PATH}</code>; whether that can be a path is not looked at yet. */
        record File(String path, int at) implements Piece {}

        /**
         * <code>${NAME}</code> or <code>${NAME:-TEXT}</code>.
         *
         * @param otherwise counts where the name stands for nothing, and where for the empty text
         */
        record Named(String name, Optional<String> otherwise, int at) implements Piece {}

        /** A <code>${</code> that nothing closes; it reaches to the end. */
        record Unfinished(int at) implements Piece {}

        /**
         * Not a reference.
         *
         * @param body what stands between the braces
         */
        record Unknown(String body, int at) implements Piece {}
    }

    public static Template parse(String text) {
        return new Parser(text).parse();
    }

    /** How many references a text has, counted without taking it apart. */
    public static int references(String text) {
        int count = 0;
        int done = 0;
        for (int open = text.indexOf(OPEN); open >= 0; open = text.indexOf(OPEN, done)) {
            boolean escaped = open > done && text.charAt(open - 1) == '$';
            done = escaped ? open + OPEN.length() : end(text, open);
            count += escaped ? 0 : 1;
        }
        return count;
    }

    /** Where the text goes on behind a reference. */
    private static int end(String text, int open) {
        int close = text.indexOf('}', open);
        return close < 0 ? text.length() : close + 1;
    }

    /** The text of a template that is nothing but that. */
    public Optional<String> literal() {
        return switch (pieces.size()) {
            case 0 -> Optional.of("");
            case 1 -> pieces.getFirst() instanceof Piece.Literal(String text) ? Optional.of(text) : Optional.empty();
            default -> Optional.empty();
        };
    }

    /** Whether the text is the name of a variable, which is also what may stand in <code>${NAME}</code>. */
    public static boolean isName(String text) {
        return !text.isEmpty() && !isDigit(text.charAt(0)) && text.chars().allMatch(c -> isLetter(c) || isDigit(c));
    }

    private static boolean isLetter(int c) {
        return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    }

    private static boolean isDigit(int c) {
        return c >= '0' && c <= '9';
    }

    private static final class Parser {
        private final String text;
        private final List<Piece> pieces = new ArrayList<>();
        private final StringBuilder literal = new StringBuilder();

        Parser(String text) {
            this.text = text;
        }

        Template parse() {
            int done = 0;
            for (int open = text.indexOf(OPEN); open >= 0; open = text.indexOf(OPEN, done)) {
                boolean escaped = open > done && text.charAt(open - 1) == '$';
                literal.append(text, done, escaped ? open - 1 : open);
                done = escaped ? escape(open) : reference(open);
            }
            literal.append(text, done, text.length());
            endLiteral();
            return new Template(pieces);
        }

        private int escape(int open) {
            literal.append(OPEN);
            return open + OPEN.length();
        }

        /** Returns where the text goes on. */
        private int reference(int open) {
            endLiteral();
            int begin = open + OPEN.length();
            int close = text.indexOf('}', begin);
            pieces.add(close < 0 ? new Piece.Unfinished(open) : piece(text.substring(begin, close), open));
            return close < 0 ? text.length() : close + 1;
        }

        private void endLiteral() {
            if (!literal.isEmpty()) {
                pieces.add(new Piece.Literal(literal.toString()));
                literal.setLength(0);
            }
        }

        private static Piece piece(String body, int at) {
            if (body.startsWith("secret:")) {
                return new Piece.Secret(body.substring("secret:".length()), at);
            }
            if (body.startsWith("file:")) {
                return new Piece.File(body.substring("file:".length()), at);
            }
            if (body.startsWith("env:")) {
                String name = body.substring("env:".length());
                return isName(name) ? new Piece.Variable(name, at) : new Piece.Unknown(body, at);
            }
            return named(body, at);
        }

        private static Piece named(String body, int at) {
            int dash = body.indexOf(":-");
            String name = dash < 0 ? body : body.substring(0, dash);
            Optional<String> otherwise = dash < 0 ? Optional.empty() : Optional.of(body.substring(dash + 2));
            return isName(name) ? new Piece.Named(name, otherwise, at) : new Piece.Unknown(body, at);
        }
    }
}
