package dev.latchkey.agent.policy;

/**
 * Matching of {@code *} and {@code **}.
 *
 * <p>What stands before the first star is compared character by character, which settles nearly every pair. From there on
 * the set of places of the text that the pattern can have reached is carried along: the cost is at most the product of both lengths, whatever
 * the pattern, so no pattern can make a decision slow.
 */
final class Glob {
    private Glob() {}

    static boolean matches(String pattern, String text) {
        int star = pattern.indexOf('*');
        if (star < 0) {
            return pattern.equals(text);
        }
        if (!text.regionMatches(0, pattern, 0, star)) {
            return false;
        }
        // What most patterns end with.
        if (pattern.startsWith("**", star) && star + 2 == pattern.length()) {
            return true;
        }
        if (star + 1 == pattern.length()) {
            return text.indexOf('/', star) < 0;
        }
        return reaches(pattern, star, text.substring(star));
    }

    private static boolean reaches(String pattern, int from, String text) {
        boolean[] reached = new boolean[text.length() + 1];
        reached[0] = true;
        for (int p = from; p < pattern.length(); p++) {
            if (pattern.startsWith("**", p)) {
                spread(reached, text, true);
                p++;
            } else if (pattern.charAt(p) == '*') {
                spread(reached, text, false);
            } else {
                step(reached, text, pattern.charAt(p));
            }
        }
        return reached[text.length()];
    }

    /** A star: from each place reached, every later one is reached too, up to the next slash unless it crosses them. */
    private static void spread(boolean[] reached, String text, boolean crossesSlash) {
        for (int t = 0; t < text.length(); t++) {
            reached[t + 1] |= reached[t] && (crossesSlash || text.charAt(t) != '/');
        }
    }

    private static void step(boolean[] reached, String text, char expected) {
        for (int t = text.length(); t > 0; t--) {
            reached[t] = reached[t - 1] && text.charAt(t - 1) == expected;
        }
        reached[0] = false;
    }
}
