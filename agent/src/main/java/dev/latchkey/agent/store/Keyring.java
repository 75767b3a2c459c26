package dev.latchkey.agent.store;

import dev.latchkey.agent.crypto.DataKey;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The data keys, unwrapped, as long as the store is open. An immutable map that the writer replaces, so that look-ups need no lock.
 *
 * <p>INVARIANT: a key is added before the first row under it is visible, and removed after the last one is gone.
 */
final class Keyring implements AutoCloseable {
    private volatile Map<String, Entry> entries = Map.of();

    /** A key with the store whose rows it seals. */
    record Entry(String store, DataKey key) {}

    Optional<Entry> find(String id) {
        return Optional.ofNullable(entries.get(id));
    }

    Map<String, Entry> all() {
        return entries;
    }

    /** Only one thread changes the ring: the writer. */
    void add(Map<String, Entry> more) {
        Map<String, Entry> all = new HashMap<>(entries);
        all.putAll(more);
        entries = Map.copyOf(all);
    }

    /** The key itself stays as it is: a look-up that found a row a moment ago may still open it. */
    void remove(String id) {
        Map<String, Entry> all = new HashMap<>(entries);
        all.remove(id);
        entries = Map.copyOf(all);
    }

    void replaceBy(Map<String, Entry> others) {
        entries = Map.copyOf(others);
    }

    /** Wipes the keys. */
    @Override
    public void close() {
        entries.values().forEach(entry -> entry.key().close());
        entries = Map.of();
    }
}
