package dev.latchkey.agent;

import dev.latchkey.agent.config.StoreKey;
import dev.latchkey.agent.crypto.KeyEncryptionKey;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * The key-encryption keys of the configuration in force. One whose entry stays in a changed configuration stays the same, and so logged in; one that is in
 * force no more is closed.
 */
final class StoreKeys implements AutoCloseable {
    private final Function<StoreKey, KeyEncryptionKey> adapters;
    private final Map<StoreKey, KeyEncryptionKey> made = new ConcurrentHashMap<>();

    StoreKeys(Function<StoreKey, KeyEncryptionKey> adapters) {
        this.adapters = adapters;
    }

    /** Those of the first configuration. */
    List<KeyEncryptionKey> of(List<StoreKey> entries) {
        return entries.stream()
                .map(entry -> made.computeIfAbsent(entry, adapters))
                .toList();
    }

    /** Those of a changed one, once their user took them over; if it throws, the ones before stay. */
    void replace(List<StoreKey> before, List<StoreKey> after, Consumer<List<KeyEncryptionKey>> user) {
        List<StoreKey> inForce = before;
        try {
            user.accept(of(after));
            inForce = after;
        } finally {
            closeAllBut(Set.copyOf(inForce));
        }
    }

    private void closeAllBut(Set<StoreKey> inForce) {
        List<StoreKey> gone =
                made.keySet().stream().filter(entry -> !inForce.contains(entry)).toList();
        for (StoreKey entry : gone) {
            KeyEncryptionKey key = made.remove(entry);
            if (key != null) {
                key.close();
            }
        }
    }

    @Override
    public void close() {
        closeAllBut(Set.of());
    }
}
