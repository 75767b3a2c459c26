package dev.latchkey.agent.injection;

import dev.latchkey.agent.failure.Failure;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What to do about failures: each hint once, in their order. One that is not for all that failed begins with whom it is for. */
final class Hints {
    private static final int MOST = 8;
    private static final int LONGEST = 512;
    private static final int NAMED = 3;

    private final Map<String, Set<String>> owners = new LinkedHashMap<>();
    private final Set<String> failed = new LinkedHashSet<>();

    /**
     * @param owner what failed, as its user knows it
     */
    void add(String owner, Failure failure) {
        failed.add(owner);
        failure.hint()
                .ifPresent(hint ->
                        owners.computeIfAbsent(hint, _ -> new LinkedHashSet<>()).add(owner));
    }

    /** Of the request as a whole, so that it is for nobody in particular. */
    void add(Failure failure) {
        failed.add("");
        failure.hint().ifPresent(hint -> owners.putIfAbsent(hint, new LinkedHashSet<>()));
    }

    List<String> list() {
        return owners.entrySet().stream()
                .map(hint -> addressed(hint.getValue(), hint.getKey()))
                .limit(MOST)
                .toList();
    }

    /** A target may be longer than the protocol lets a hint be; what to do is worth more than where. */
    private String addressed(Set<String> whom, String hint) {
        if (whom.isEmpty() || whom.size() == failed.size()) {
            return hint;
        }
        String whole = names(whom) + ": " + hint;
        return whole.length() > LONGEST ? hint : whole;
    }

    private static String names(Set<String> whom) {
        String first = String.join(", ", whom.stream().limit(NAMED).toList());
        int left = whom.size() - NAMED;
        return left > 0 ? first + " and " + left + (left == 1 ? " other" : " others") : first;
    }
}
