package dev.latchkey.agent.manifest;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * A regular expression that a workload wrote and the agent runs.
 *
 * <p>SECURITY: such an expression can take longer than the universe lasts. Every character that it looks at is counted, and where there are too
 * many it has no answer: what is refused then is the launch of whoever wrote it. The characters of a value are never a String.
 */
public final class ValuePattern {
    /** The longest expression, in characters. */
    static final int MAX_EXPRESSION = 512;

    /** The longest value that an expression is tried on, in bytes. */
    static final int MAX_VALUE = 64 * 1024;

    /** A third of a second of looking at characters. */
    private static final int MOST_STEPS = 4_000_000;

    private final Pattern pattern;

    private ValuePattern(Pattern pattern) {
        this.pattern = pattern;
    }

    /** How a value relates to the expression. */
    public enum Outcome {
        MATCHES,
        DIFFERS,
        /** It would take too long to say. */
        UNDECIDED
    }

    /** The expression; absent if it is none. */
    static Optional<ValuePattern> parse(String expression) {
        if (expression.length() > MAX_EXPRESSION) {
            return Optional.empty();
        }
        try {
            return Optional.of(new ValuePattern(Pattern.compile(expression)));
        } catch (PatternSyntaxException | StackOverflowError notOne) {
            return Optional.empty();
        }
    }

    /** Bytes of the characters that {@link #test} makes of what remains of a value. */
    public static int room(ByteBuffer value) {
        return value.remaining() > MAX_VALUE ? 0 : value.remaining() * Character.BYTES;
    }

    /**
     * Whether all that remains of a value matches; what is not UTF-8 does not.
     *
     * @param room for its characters, which are the caller's to wipe
     */
    public Outcome test(ByteBuffer value, CharBuffer room) {
        if (value.remaining() > MAX_VALUE) {
            return Outcome.UNDECIDED;
        }
        boolean text = !StandardCharsets.UTF_8
                .newDecoder()
                .decode(value.duplicate(), room, true)
                .isError();
        int length = room.position();
        return text ? test(new Counted(room, 0, length, new Steps())) : Outcome.DIFFERS;
    }

    private Outcome test(CharSequence value) {
        try {
            return pattern.matcher(value).matches() ? Outcome.MATCHES : Outcome.DIFFERS;
        } catch (TooManySteps | StackOverflowError endless) {
            return Outcome.UNDECIDED;
        }
    }

    /** What is left to look at. */
    private static final class Steps {
        private int left = MOST_STEPS;

        void one() {
            if (left-- == 0) {
                throw new TooManySteps();
            }
        }
    }

    private static final class TooManySteps extends RuntimeException {
        TooManySteps() {
            super("an expression takes too many steps", null, false, false);
        }
    }

    private record Counted(CharBuffer characters, int begin, int end, Steps steps) implements CharSequence {
        @Override
        public int length() {
            return end - begin;
        }

        @Override
        public char charAt(int index) {
            steps.one();
            return characters.get(begin + index);
        }

        @Override
        public CharSequence subSequence(int from, int to) {
            return new Counted(characters, begin + from, begin + to, steps);
        }

        @Override
        public String toString() {
            return "[redacted]";
        }
    }

    @Override
    public boolean equals(@org.jspecify.annotations.Nullable Object other) {
        return other instanceof ValuePattern that && pattern.pattern().equals(that.pattern.pattern());
    }

    @Override
    public int hashCode() {
        return pattern.pattern().hashCode();
    }
}
