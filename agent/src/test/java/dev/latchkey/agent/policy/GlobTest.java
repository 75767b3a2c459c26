package dev.latchkey.agent.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Random;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GlobTest {
    @ParameterizedTest
    @CsvSource({
        "a/b/c, a/b/c, true",
        "a/b/c, a/b/cd, false",
        "a/*, a/b, true",
        "a/*, a/, true",
        "a/*, a/b/c, false",
        "a/**, a/b/c, true",
        "**, a/b, true",
        "*, a/b, false",
        "*/production/root-*, web/production/root-x, true",
        "*/production/root-*, web/production/x-root-x, false",
        "*/production/root-*, a/b/production/root-x, false",
        "a.c, abc, false",
        "A/b, a/b, false",
        "**/x, x, false",
        "***, a/b, true",
        "a*b*c, abbbc, true",
        "a*b*c, a/bc, false"
    })
    void matches(String pattern, String text, boolean expected) {
        assertEquals(expected, Glob.matches(pattern, text));
    }

    @Test
    void matchesNothingButTheEmptyTextWithAnEmptyPattern() {
        assertTrue(Glob.matches("", ""));
        assertFalse(Glob.matches("", "a"));
        assertTrue(Glob.matches("*", ""));
    }

    @Test
    void agreesWithRegularExpressions() {
        Random random = new Random(7);
        for (int round = 0; round < 50_000; round++) {
            String pattern = word(random, "ab/*", 9);
            String text = word(random, "ab/", 9);
            assertEquals(reference(pattern, text), Glob.matches(pattern, text), pattern + " on " + text);
        }
    }

    @Test
    void staysFastOnAPatternOfManyStars() {
        String pattern = "*a".repeat(500) + "b";
        String text = "a".repeat(2000);

        assertFalse(assertTimeoutPreemptively(Duration.ofSeconds(10), () -> Glob.matches(pattern, text)));
    }

    private static boolean reference(String pattern, String text) {
        String expression = Pattern.quote(pattern).replace("**", "\\E.{0,}\\Q").replace("*", "\\E[^/]{0,}\\Q");
        return Pattern.compile(expression, Pattern.DOTALL).matcher(text).matches();
    }

    private static String word(Random random, String alphabet, int longest) {
        return random.ints(random.nextInt(longest), 0, alphabet.length())
                .mapToObj(i -> String.valueOf(alphabet.charAt(i)))
                .collect(Collectors.joining());
    }
}
