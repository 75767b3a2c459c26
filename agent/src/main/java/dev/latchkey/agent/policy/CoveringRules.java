package dev.latchkey.agent.policy;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Finds rules that might cover another without comparing all with all, which the largest file would take seconds for. A rule stands
 * under each value of the one of its selectors that fewest others stand under; whoever covers another has, of that kind, all of the other's values,
 * so any one of them leads there.
 */
final class CoveringRules {
    private final Map<String, List<Rule>> places = new HashMap<>();

    void add(Rule rule) {
        Selector rarest = rule.match().selectors().stream()
                .min((one, other) -> Long.compare(neighbours(one), neighbours(other)))
                .orElseThrow();
        places(rarest)
                .forEach(place ->
                        places.computeIfAbsent(place, _ -> new ArrayList<>()).add(rule));
    }

    private long neighbours(Selector selector) {
        return places(selector).mapToLong(place -> at(place).size()).sum();
    }

    private static Stream<String> places(Selector selector) {
        return selector.coversByValue()
                ? selector.values().stream().map(value -> place(selector, value))
                : Stream.of(selector.key());
    }

    /** Of the rules added so far. */
    Stream<Rule> candidates(Match later) {
        return later.selectors().stream()
                .flatMap(selector -> Stream.concat(
                        selector.values().stream().limit(1).map(value -> place(selector, value)),
                        Stream.of(selector.key())))
                .flatMap(place -> at(place).stream());
    }

    private List<Rule> at(String place) {
        return places.getOrDefault(place, List.of());
    }

    private static String place(Selector selector, String value) {
        return selector.key() + "=" + value;
    }
}
