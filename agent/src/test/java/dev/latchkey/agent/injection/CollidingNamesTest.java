package dev.latchkey.agent.injection;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import dev.latchkey.agent.manifest.Manifest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Names that a caller chose so that all have the same hash. The JDK's immutable sets and maps take quadratic time for these, over three times as long as this waits. */
final class CollidingNamesTest {
    private static final int BLOCKS = 17;
    private static final Duration LITTLE = Duration.ofSeconds(4);

    @Test
    void ofSurroundingsTakeLittleTime() {
        Set<String> names = new HashSet<>(colliding());
        ComposedRequest.Surroundings made =
                assertTimeout(LITTLE, () -> new ComposedRequest.Surroundings(names, names, false));
        assertEquals(1 << BLOCKS, made.taken().size());
    }

    @Test
    void ofADocumentTakeLittleTime() {
        Map<String, String> literals = new HashMap<>();
        colliding().forEach(name -> literals.put(name, ""));
        Manifest made = assertTimeout(
                LITTLE,
                () -> new Manifest(Optional.empty(), Optional.empty(), List.of(), List.of(), List.of(), literals));
        assertEquals(1 << BLOCKS, made.literals().size());
    }

    private static List<String> colliding() {
        List<String> names = List.of("");
        for (int i = 0; i < BLOCKS; i++) {
            List<String> longer = new ArrayList<>(2 * names.size());
            names.forEach(name -> {
                longer.add(name + "Aa");
                longer.add(name + "BB");
            });
            names = longer;
        }
        return names;
    }
}
