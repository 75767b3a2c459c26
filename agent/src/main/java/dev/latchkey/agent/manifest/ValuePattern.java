package dev.latchkey.agent.manifest;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.FailureKind;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;

/**
 * A regular expression that a workload wrote and the agent runs.
 *
 * <p>SECURITY: it is matched in one pass, by a machine of our own whose work is counted; the reasons are in ADR 43. Only the text is kept, for what it is
 * compiled to may be a thousand times as long. The characters of a value are never a String.
 */
public record ValuePattern(String expression) {
    /** The longest expression, in characters. */
    static final int MAX_EXPRESSION = 512;

    /** Instructions of an expression whose repetitions are written out. */
    static final int MAX_SIZE = 4_096;

    /** The longest value that an expression is tried on, in bytes. */
    static final int MAX_VALUE = 64 * 1024;

    /** How a value relates to the expression. */
    public enum Outcome {
        MATCHES,
        DIFFERS,
        /** It would take too long to say. */
        UNDECIDED
    }

    /**
     * @throws AgentException that says what is wrong, with a hint, behind the words "check.pattern"
     */
    public ValuePattern {
        if (expression.length() > MAX_EXPRESSION) {
            throw tooLarge("is over " + MAX_EXPRESSION + " characters");
        }
        if (PatternParser.parse(expression).size() > MAX_SIZE) {
            throw tooLarge("repeats too much: written out it is over " + MAX_SIZE + " steps");
        }
    }

    private static AgentException tooLarge(String what) {
        return new AgentException(FailureKind.BAD_DOCUMENT, what, "check a part of the value, or its length");
    }

    /** Bytes of the characters that {@link #test} makes of what remains of a value. */
    public static int room(ByteBuffer value) {
        return value.remaining() > MAX_VALUE ? 0 : value.remaining() * Character.BYTES;
    }

    /**
     * Whether all that remains of a value matches; what is not UTF-8 does not.
     *
     * @param room for its characters, which are the caller's to wipe
     * @param budget of the request, from which the steps are taken
     */
    public Outcome test(ByteBuffer value, CharBuffer room, PatternBudget budget) {
        if (value.remaining() > MAX_VALUE) {
            return Outcome.UNDECIDED;
        }
        boolean text = !StandardCharsets.UTF_8
                .newDecoder()
                .decode(value.duplicate(), room, true)
                .isError();
        return text ? test(room.flip(), budget) : Outcome.DIFFERS;
    }

    private Outcome test(CharSequence value, PatternBudget budget) {
        try {
            return new PatternProgram(PatternParser.parse(expression)).matches(value, budget)
                    ? Outcome.MATCHES
                    : Outcome.DIFFERS;
        } catch (PatternBudget.Spent endless) {
            return Outcome.UNDECIDED;
        }
    }
}
