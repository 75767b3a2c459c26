package dev.latchkey.agent.manifest;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * A regular expression that a workload wrote and the agent runs.
 *
 * <p>SECURITY: such an expression can take longer than the universe lasts. Every character that it looks at is counted, and where there are too
 * many it has no answer: what is refused then is the launch of whoever wrote it. The characters of a value are zeroed, and are never a String.
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

    /** Whether the whole value matches; what is not UTF-8 does not. */
    public Outcome test(byte[] value) {
        if (value.length > MAX_VALUE) {
            return Outcome.UNDECIDED;
        }
        char[] characters = new char[value.length];
        try {
            CharBuffer to = CharBuffer.wrap(characters);
            boolean text = !StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(value), to, true)
                    .isError();
            return text ? test(new Counted(characters, 0, to.position(), new Steps())) : Outcome.DIFFERS;
        } finally {
            Arrays.fill(characters, '\0');
        }
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

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Counted(char[] characters, int begin, int end, Steps steps) implements CharSequence {
        @Override
        public int length() {
            return end - begin;
        }

        @Override
        public char charAt(int index) {
            steps.one();
            return characters[begin + index];
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
