package dev.latchkey.agent.policy;

import dev.latchkey.agent.secret.SecretLocation;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Patterns in their order. They are kept by what stands before their first star, so that ten thousand cost little more than one. */
public final class LocationPatterns {
    private static final int[] NONE = {};

    private final List<LocationPattern> list;
    /** The places in the list of the patterns that begin in the same way, by that beginning. */
    private final Map<String, int[]> places;

    private final int[] lengths;

    public LocationPatterns(List<LocationPattern> patterns) {
        list = List.copyOf(patterns);
        Map<String, List<Integer>> alike = new HashMap<>();
        for (int place = 0; place < list.size(); place++) {
            alike.computeIfAbsent(beginning(list.get(place).toString()), _ -> new ArrayList<>())
                    .add(place);
        }
        places = new HashMap<>();
        alike.forEach((beginning, all) ->
                places.put(beginning, all.stream().mapToInt(Integer::intValue).toArray()));
        lengths = places.keySet().stream()
                .mapToInt(String::length)
                .distinct()
                .sorted()
                .toArray();
    }

    private static String beginning(String pattern) {
        int star = pattern.indexOf('*');
        return star < 0 ? pattern : pattern.substring(0, star);
    }

    public List<LocationPattern> list() {
        return list;
    }

    /** The first in order that matches. */
    public Optional<LocationPattern> firstMatch(SecretLocation location) {
        if (list.isEmpty()) {
            return Optional.empty();
        }
        String text = location.toString();
        int first = list.size();
        for (int length : lengths) {
            if (length > text.length()) {
                break;
            }
            first = firstMatch(places.getOrDefault(text.substring(0, length), NONE), location, first);
        }
        return first < list.size() ? Optional.of(list.get(first)) : Optional.empty();
    }

    private int firstMatch(int[] candidates, SecretLocation location, int before) {
        for (int place : candidates) {
            if (place >= before) {
                return before;
            }
            if (list.get(place).matches(location)) {
                return place;
            }
        }
        return before;
    }

    /** The same patterns in the same order. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof LocationPatterns patterns && list.equals(patterns.list);
    }

    @Override
    public int hashCode() {
        return list.hashCode();
    }

    @Override
    public String toString() {
        return list.toString();
    }
}
