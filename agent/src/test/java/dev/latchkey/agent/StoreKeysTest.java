package dev.latchkey.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.latchkey.agent.config.StoreKey;
import dev.latchkey.agent.crypto.KeyEncryptionKey;
import dev.latchkey.agent.store.FakeRemoteKek;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class StoreKeysTest {
    private static final StoreKey A = new StoreKey.KeyFile(Path.of("a"));
    private static final StoreKey B = new StoreKey.KeyFile(Path.of("b"));
    private static final StoreKey C = new StoreKey.KeyFile(Path.of("c"));

    private final List<FakeRemoteKek> made = new ArrayList<>();
    private final StoreKeys keys = new StoreKeys(entry -> {
        made.add(new FakeRemoteKek(entry.toString()));
        return made.getLast();
    });

    /** How often each was closed, in the order in which they were made. */
    private List<Integer> closed() {
        return made.stream().map(key -> key.closed.get()).toList();
    }

    @Test
    void oneWhoseEntryStaysStaysAndOneThatLeftIsClosedOnceTheOthersAreInUse() {
        List<KeyEncryptionKey> first = keys.of(List.of(A, B));

        keys.replace(List.of(A, B), List.of(B, C), now -> {
            assertSame(first.getLast(), now.getFirst());
            assertEquals(List.of(0, 0, 0), closed());
        });

        assertEquals(List.of(1, 0, 0), closed());
    }

    @Test
    void onesThatCouldNotBeTakenOverAreClosedAndThoseBeforeStay() {
        List<KeyEncryptionKey> first = keys.of(List.of(A));

        assertThrows(
                IllegalArgumentException.class,
                () -> keys.replace(List.of(A), List.of(B), _ -> {
                    throw new IllegalArgumentException("they do not open the store");
                }));

        assertEquals(List.of(0, 1), closed());
        assertSame(first.getFirst(), keys.of(List.of(A)).getFirst());
    }

    @Test
    void aStopClosesEachOnce() {
        keys.of(List.of(A, B, C));

        IntStream.range(0, 2).forEach(_ -> keys.close());

        assertEquals(List.of(1, 1, 1), closed());
    }
}
