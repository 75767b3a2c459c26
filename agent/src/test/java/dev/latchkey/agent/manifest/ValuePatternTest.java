package dev.latchkey.agent.manifest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.manifest.ValuePattern.Outcome;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ValuePatternTest {
    private static final String[] ATOMS = {
        "a",
        "b",
        ".",
        "[ab]",
        "[^a]",
        "[a-c-]",
        "[\\w-]",
        "\\d",
        "\\W",
        "\\s",
        "(a)",
        "(?:ab|b)",
        "(a|)",
        "(?i:A)",
        "^",
        "$",
        "\\b",
        "\\B",
        "\\z",
        "\\Z",
        "\\A",
        "\\x41",
        "\\u0062",
        "\\Qa.\\E",
        "\\p{L}",
        "\\P{Digit}",
        "é",
        "\\x{1F600}",
        "\\.",
        "(?s:.)",
        "(?i)B"
    };
    private static final String[] REPEATS = {"", "", "", "*", "+", "?", "{2}", "{0,2}", "{1,}", "*?", "+?", "{0}"};
    private static final String[] TEXTS = {"a", "b", "A", "B", "1", ".", "-", " ", "\n", "\r", "é", "\uD83D\uDE00"};

    /** Where what may be empty is repeated, java.util.regex misses some of what matches; it finds nothing that does not. */
    @Test
    void meansWhatTheExpressionsOfJavaMean() {
        Random random = new Random(43);
        int same = 0;
        for (int i = 0; i < 20_000; i++) {
            String expression = expression(random, 3);
            String text = text(random);
            Outcome java = Pattern.compile(expression).matcher(text).matches() ? Outcome.MATCHES : Outcome.DIFFERS;
            Outcome ours = tested(expression, text);
            boolean misses = java == Outcome.DIFFERS && ours == Outcome.MATCHES && repeatsNothing(expression);
            assertTrue(ours == java || misses, () -> expression + " of " + text);
            same += misses ? 0 : 1;
        }
        assertTrue(same > 19_000, same + " compared");
    }

    /** Also where it cannot be told easily. */
    private static boolean repeatsNothing(String expression) {
        return expression.matches("(?s).*([*?}^$|]|\\\\[bBzZA])[)]?[*+?{].*") || expression.contains("|)");
    }

    private static String expression(Random random, int deep) {
        StringBuilder all = new StringBuilder();
        for (int parts = random.nextInt(4); parts >= 0; parts--) {
            boolean group = deep > 0 && random.nextInt(4) == 0;
            String atom = group ? "(?:" + expression(random, deep - 1) + ")" : ATOMS[random.nextInt(ATOMS.length)];
            all.append(atom).append(atom.equals("(?i)B") ? "" : REPEATS[random.nextInt(REPEATS.length)]);
            all.append(random.nextInt(8) == 0 ? "|" : "");
        }
        return all.toString();
    }

    private static String text(Random random) {
        StringBuilder all = new StringBuilder();
        for (int parts = random.nextInt(7); parts > 0; parts--) {
            all.append(TEXTS[random.nextInt(TEXTS.length)]);
        }
        return all.toString();
    }

    @ParameterizedTest
    @CsvSource({
        "-----BEGIN [A-Z ]+-----[\\s\\S]*,-----BEGIN KEY-----x,MATCHES",
        "'[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}',123e4567-e89b-12d3-a456-426614174000,MATCHES",
        "'^sk_(?<kind>live|test)_\\w{24,}$',sk_live_0123456789abcdefghijklmn,MATCHES",
        "(?i)postgres(ql)?://[^@]+@.*,POSTGRES://u:p@h/d,MATCHES",
        "b,bb,DIFFERS",
        "'','',MATCHES",
    })
    void matchesAValueAsAWhole(String expression, String value, Outcome outcome) {
        assertEquals(outcome, tested(expression, value));
    }

    @Test
    void triesNoOtherBytesThanText() {
        assertEquals(Outcome.DIFFERS, tested(".*", new byte[] {(byte) 0xFF}, new PatternBudget()));
        assertEquals(Outcome.UNDECIDED, tested(".*", new byte[ValuePattern.MAX_VALUE + 1], new PatternBudget()));
        assertEquals(Outcome.MATCHES, tested("[\\s\\S]*", new byte[ValuePattern.MAX_VALUE], new PatternBudget()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "(a)\\1",
                "\\k<n>",
                "(?=a)",
                "(?!a)",
                "(?<=a)",
                "(?<!a)",
                "(?>a)",
                "a*+",
                "(?x)a",
                "[a[b]]",
                "[a&&b]",
                "[]a]",
                "\\R",
                "\\p{IsGreek}",
                "\\cA"
            })
    void refusesWhatItDoesNotKnow(String expression) {
        assertTrue(refused(expression).endsWith("which is not supported"), refused(expression));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "(",
                ")",
                "(a",
                "[a",
                "*",
                "a**",
                "a{",
                "a{x}",
                "a{2,1}",
                "{2}",
                "[b-a]",
                "\\",
                "\\x{110000}",
                "\\uD800",
                "\\xg0",
                "(?<n",
                "(?i"
            })
    void refusesWhatIsNoExpression(String expression) {
        assertTrue(refused(expression).startsWith("is not a regular expression: it has "), refused(expression));
    }

    /** Each of these took all memory, or time without end, of an engine that writes repetitions out, or of one that goes back. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "(?:(?:){2147483647}){2147483647}",
                "(?:(?:){60000}){60000}",
                "(?:){5000}",
                "((((a{1000}){1000}){1000}){1000}){1000}",
                "a{4097}",
                "(?:a{64}|b){64}",
                "a{999999999999}"
            })
    void refusesRepetitionsThatAreLongWrittenOut(String expression) {
        assertTimeoutPreemptively(
                Duration.ofSeconds(20), () -> assertTrue(refused(expression).startsWith("repeats too much")));
    }

    @Test
    void refusesExpressionsThatAreLongOrDeep() {
        assertEquals("is over 512 characters", refused("a".repeat(513)));
        assertTrue(refused("(".repeat(250) + ")".repeat(250)).contains("nested more than 32 deep"));
    }

    @Test
    void whatMakesOtherEnginesGoBackIsDoneInOnePass() {
        PatternBudget budget = new PatternBudget(2_000_000);
        byte[] value = ("a".repeat(30_000) + "!").getBytes(StandardCharsets.UTF_8);
        assertEquals(Outcome.DIFFERS, tested("((a+)+)+", value, budget));
        assertEquals(Outcome.DIFFERS, tested("(?i)(\u1C80|a)*", value, budget));
    }

    @Test
    void allPatternsOfARequestShareTheirSteps() {
        PatternBudget budget = new PatternBudget(100_000);
        byte[] value = "a".repeat(1_000).getBytes(StandardCharsets.UTF_8);
        int decided = 0;
        while (tested("(a|aa)+", value, budget) != Outcome.UNDECIDED) {
            decided++;
        }
        assertTrue(decided > 2 && decided < 50, decided + " patterns");
        assertEquals(Outcome.UNDECIDED, tested("b", value, budget), "what is spent is spent");
    }

    /** A class is paid for by its parts, a program by its length, also where it looks at no character. */
    @Test
    void everythingCosts() {
        byte[] value = "z".repeat(1_000).getBytes(StandardCharsets.UTF_8);
        assertEquals(Outcome.UNDECIDED, tested("[" + "a".repeat(500) + "z]*", value, new PatternBudget(100_000)));
        assertEquals(Outcome.UNDECIDED, tested("(?:a?){1000}", new byte[0], new PatternBudget(500)));
    }

    private static String refused(String expression) {
        return assertThrows(AgentException.class, () -> new ValuePattern(expression), expression)
                .failure()
                .message();
    }

    private static Outcome tested(String expression, String value) {
        return tested(expression, value.getBytes(StandardCharsets.UTF_8), new PatternBudget());
    }

    private static Outcome tested(String expression, byte[] value, PatternBudget budget) {
        ByteBuffer bytes = ByteBuffer.allocateDirect(value.length).put(value).flip();
        ByteBuffer room = ByteBuffer.allocateDirect(ValuePattern.room(bytes));
        return new ValuePattern(expression).test(bytes, room.asCharBuffer(), budget);
    }
}
