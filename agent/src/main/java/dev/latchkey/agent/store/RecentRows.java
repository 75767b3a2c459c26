package dev.latchkey.agent.store;

import dev.latchkey.agent.secret.SecretPath;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * Rows that were looked up since the last write, as they lie in the store: ciphertext, never a value. It may be emptied at any moment.
 *
 * <p>INVARIANT: a row counts only in the generation in which it was looked for. A write begins a new one when it is committed and before it is
 * acknowledged, so nobody who knows of a write is served what was there before it. That holds because one process alone writes the
 * database.
 */
final class RecentRows {
    /** Of ciphertext, together: eight of the largest values. */
    private static final long MAX_BYTES = 8L << 20;

    private final Map<Key, Entry> rows = new ConcurrentHashMap<>();
    private final AtomicLong bytes = new AtomicLong();
    private final LongSupplier generation;

    /**
     * @param generation how many writes were committed
     */
    RecentRows(LongSupplier generation) {
        this.generation = generation;
    }

    private record Key(SecretPath path, Optional<Long> version) {}

    private record Entry(long generation, SealedSecret secret) {
        int size() {
            return secret.row().sealed().bytes().length;
        }
    }

    /** Looks the row up in the store. */
    @FunctionalInterface
    interface Source {
        Optional<SealedSecret> find();
    }

    /** The row, looked up in the store if it is not known. That it is absent is never remembered. */
    Optional<SealedSecret> find(SecretPath path, Optional<Long> version, Source source) {
        Key key = new Key(path, version);
        long now = generation.getAsLong();
        Optional<SealedSecret> known = known(key, now);
        if (known.isPresent()) {
            return known;
        }
        Optional<SealedSecret> found = source.find();
        found.ifPresent(secret -> remember(key, new Entry(now, secret)));
        return found;
    }

    /** The row, if it is known. */
    Optional<SealedSecret> known(SecretPath path, Optional<Long> version) {
        return known(new Key(path, version), generation.getAsLong());
    }

    private Optional<SealedSecret> known(Key key, long now) {
        Entry known = rows.get(key);
        return known != null && known.generation() == now ? Optional.of(known.secret()) : Optional.empty();
    }

    private void remember(Key key, Entry entry) {
        long size = entry.size();
        if (size > MAX_BYTES / 8) {
            return;
        }
        if (bytes.addAndGet(size) > MAX_BYTES) {
            rows.clear();
            bytes.set(size);
        }
        Entry before = rows.put(key, entry);
        if (before != null) {
            bytes.addAndGet(-before.size());
        }
    }
}
