package dev.latchkey.agent.injection;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.injection.Judged.Cleared;
import dev.latchkey.agent.policy.Decision;
import dev.latchkey.agent.policy.Selection;
import dev.latchkey.agent.secret.NameSource;
import dev.latchkey.agent.secret.NameSource.Sibling;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Hints for names that are not there. SECURITY: suggests only what the policy lets this very caller have. */
final class Suggestions {
    /** Listing names costs more than looking one up, and no answer has room for more hints. */
    private static final int MOST = 8;

    private final Selection selection;
    private int made;

    Suggestions(Selection selection) {
        this.selection = selection;
    }

    /** The same, with a better hint if the name of a missing secret is like one that is there. */
    Resolved improve(Resolved binding) {
        return binding instanceof Resolved.Failed(Cleared cleared, Failure failure)
                        && failure.kind() == FailureKind.SECRET_NOT_FOUND
                        && made++ < MOST
                ? nearest(cleared)
                        .<Resolved>map(name -> new Resolved.Failed(
                                cleared, Failure.of(failure.kind(), failure.message(), "did you mean " + name + "?")))
                        .orElse(binding)
                : binding;
    }

    private Optional<String> nearest(Cleared cleared) {
        String path = cleared.reference().path();
        String folder = path.substring(0, path.lastIndexOf('/') + 1);
        String wanted = path.substring(folder.length());
        String provider = cleared.reference().provider().map(p -> p + ":").orElse("");
        return siblings(cleared).stream()
                .filter(this::mayHave)
                .map(Sibling::name)
                .filter(name -> distance(wanted, name) <= tolerated(wanted))
                .min(Comparator.<String>comparingInt(name -> distance(wanted, name))
                        .thenComparing(Comparator.naturalOrder()))
                .map(name -> provider + folder + name);
    }

    /** A hint is not worth a failure: a provider that cannot list its names is answered without one. */
    private static List<Sibling> siblings(Cleared cleared) {
        if (!(cleared.provider() instanceof NameSource names)) {
            return List.of();
        }
        try {
            return names.siblings(cleared.location());
        } catch (AgentException cannotAnswer) {
            return List.of();
        }
    }

    private boolean mayHave(Sibling sibling) {
        return selection.decide(sibling.location()) instanceof Decision.Allow allow && allow.permits(sibling.scopes());
    }

    private static int tolerated(String wanted) {
        return Math.min(3, wanted.length() / 3);
    }

    /** Characters to insert, drop, replace or swap with their neighbour, without regard to case. */
    static int distance(String one, String other) {
        String a = one.toLowerCase(Locale.ROOT);
        String b = other.toLowerCase(Locale.ROOT);
        if (Math.abs(a.length() - b.length()) > 3) {
            return Integer.MAX_VALUE;
        }
        int[][] cost = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                cost[i][j] = i == 0 || j == 0 ? i + j : step(cost, a, b, i, j);
            }
        }
        return cost[a.length()][b.length()];
    }

    private static int step(int[][] cost, String a, String b, int i, int j) {
        int replaced = cost[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        int least = Math.min(replaced, 1 + Math.min(cost[i - 1][j], cost[i][j - 1]));
        boolean swapped = i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
        return swapped ? Math.min(least, cost[i - 2][j - 2] + 1) : least;
    }
}
