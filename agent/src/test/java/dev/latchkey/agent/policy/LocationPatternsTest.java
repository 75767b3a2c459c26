package dev.latchkey.agent.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.latchkey.agent.secret.SecretLocation;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LocationPatternsTest {
    private static final List<String> WORDS = List.of("a", "b", "ab", "*", "**", "a*", "*b", "a/b", "/", "a/*", "**/b");
    private static final List<String> TEXTS = List.of("a", "b", "ab", "a/b", "/", "aa", "bb", "abab", "a/b/a", "b/b");

    @Test
    void findsTheFirstThatMatchesWhereverItStands() {
        LocationPatterns patterns = new LocationPatterns(
                List.of(pattern("web/*"), pattern("web/a"), pattern("**"), pattern("api/a"), pattern("")));

        assertEquals(Optional.of(pattern("web/*")), patterns.firstMatch(store("web/a")));
        assertEquals(Optional.of(pattern("**")), patterns.firstMatch(store("api/a")));
        assertEquals(Optional.of(pattern("**")), patterns.firstMatch(store("")));
        assertEquals(Optional.empty(), patterns.firstMatch(new SecretLocation("vault", "web/a")));
        assertEquals(Optional.empty(), new LocationPatterns(List.of()).firstMatch(store("a")));
    }

    @Test
    void findsWhatTakingOneAfterTheOtherFinds() {
        Random random = new Random(7);
        for (int round = 0; round < 2_000; round++) {
            List<LocationPattern> list = IntStream.range(0, random.nextInt(6))
                    .mapToObj(_ -> new LocationPattern(random.nextBoolean() ? "store" : "s", any(WORDS, random)))
                    .toList();
            SecretLocation location = new SecretLocation(random.nextBoolean() ? "store" : "s", any(TEXTS, random));
            assertEquals(
                    list.stream().filter(pattern -> pattern.matches(location)).findFirst(),
                    new LocationPatterns(list).firstMatch(location),
                    () -> list + " and " + location);
        }
    }

    private static String any(List<String> words, Random random) {
        return words.get(random.nextInt(words.size())) + words.get(random.nextInt(words.size()));
    }

    private static LocationPattern pattern(String path) {
        return new LocationPattern("store", path);
    }

    private static SecretLocation store(String path) {
        return new SecretLocation("store", path);
    }
}
