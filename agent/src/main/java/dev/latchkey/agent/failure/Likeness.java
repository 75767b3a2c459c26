package dev.latchkey.agent.failure;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** Finds the name that was probably meant, for the hint of a refusal. */
public final class Likeness {
    private static final int LONGEST = 64;

    /** Names that are compared: no file that somebody wrote has more, and a hostile one must not take seconds. */
    private static final int COMPARED = 100;

    private Likeness() {}

    /** The name that is near enough to the text, if there is one. */
    public static Optional<String> nearest(String text, Collection<String> names) {
        if (text.isEmpty() || text.length() > LONGEST) {
            return Optional.empty();
        }
        return names.stream()
                .filter(name -> name.length() <= LONGEST)
                .limit(COMPARED)
                .filter(name -> distance(text, name) <= Math.max(1, Math.min(text.length(), name.length()) / 3))
                .min(Comparator.comparingInt((String name) -> distance(text, name))
                        .thenComparing(name -> name));
    }

    /** Insertions, deletions, replacements and swaps of neighbours; case and the kind of dash cost nothing. */
    private static int distance(String one, String other) {
        String a = plain(one);
        String b = plain(other);
        int[][] cost = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                cost[i][j] = i == 0 || j == 0 ? i + j : step(a, b, i, j, cost);
            }
        }
        return cost[a.length()][b.length()];
    }

    private static int step(String a, String b, int i, int j, int[][] cost) {
        boolean same = a.charAt(i - 1) == b.charAt(j - 1);
        int best = Math.min(cost[i - 1][j - 1] + (same ? 0 : 1), Math.min(cost[i - 1][j], cost[i][j - 1]) + 1);
        boolean swapped = i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
        return swapped ? Math.min(best, cost[i - 2][j - 2] + 1) : best;
    }

    private static String plain(String text) {
        return text.toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
