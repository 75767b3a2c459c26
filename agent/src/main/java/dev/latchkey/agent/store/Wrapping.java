package dev.latchkey.agent.store;

import dev.latchkey.agent.crypto.AesKey;
import dev.latchkey.agent.crypto.AuthenticationException;
import dev.latchkey.agent.crypto.DataKey;
import dev.latchkey.agent.crypto.KeyContext;
import dev.latchkey.agent.crypto.KeyEncryptionKey;
import dev.latchkey.agent.crypto.KeyEncryptionKey.Generation;
import dev.latchkey.agent.crypto.KeyMemory;
import dev.latchkey.agent.crypto.WrappedKey;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.secret.ProjectName;
import java.security.SecureRandom;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The data keys as the database holds them: each wrapped under every KEK that is there, so that any one opens it.
 *
 * <p>A KEK that is missing while another opens the store is left alone; what it misses is wrapped when it is back. Each
 * method runs within a session of its caller.
 */
final class Wrapping {
    private static final int ID_BYTES = 8;

    private final List<KeyEncryptionKey> keks;
    private final KeyMemory memory;
    private final SecureRandom random;

    Wrapping(List<KeyEncryptionKey> keks, KeyMemory memory, SecureRandom random) {
        this.keks = keks;
        this.memory = memory;
        this.random = random;
    }

    /** One data key as it is kept. */
    private record Kept(String id, ProjectName project) {
        KeyContext context(String store) {
            return new KeyContext(store, "project " + project, id);
        }
    }

    List<KeyEncryptionKey> keks() {
        return keks;
    }

    List<KeyEncryptionKey> present() {
        return keks.stream().filter(kek -> !kek.generations().isEmpty()).toList();
    }

    static String store(Session session) throws SQLException {
        return session.first("SELECT id FROM store", row -> row.text(1))
                .orElseThrow(() -> new SQLException("a store without an id"));
    }

    String randomId() {
        byte[] id = new byte[ID_BYTES];
        random.nextBytes(id);
        return HexFormat.of().formatHex(id);
    }

    KeyMemory memory() {
        return memory;
    }

    AesKey randomKey() {
        return memory.random(random);
    }

    void createDataKey(Session session, Keyring keyring, long project, ProjectName name, Instant now)
            throws SQLException {
        String store = store(session);
        Kept kept = new Kept(randomId(), name);
        DataKey key = new DataKey(kept.id(), randomKey());
        session.update(
                "INSERT INTO data_key (id, project, seals, created) VALUES (?, ?, 0, ?)", kept.id(), project, now);
        for (KeyEncryptionKey kek : present()) {
            insert(session, kept.id(), wrap(kek, key, kept.context(store)));
        }
        session.afterCommit(() -> keyring.add(Map.of(kept.id(), new Keyring.Entry(store, key))));
    }

    /**
     * Unwraps every data key.
     *
     * @throws AgentException of kind {@code STATE_UNUSABLE} if one cannot be
     */
    Map<String, Keyring.Entry> unwrapAll(Session session) throws SQLException {
        String store = store(session);
        Map<String, Keyring.Entry> opened = new HashMap<>();
        for (Kept kept : kept(session)) {
            List<WrappedKey> wraps = wraps(session, kept.id());
            DataKey key =
                    new DataKey(kept.id(), unwrap(wraps, kept.context(store)).orElseThrow(() -> notOpened(wraps)));
            opened.put(kept.id(), new Keyring.Entry(store, key));
        }
        return opened;
    }

    /** Unwraps under whichever key can. */
    Optional<AesKey> unwrap(List<WrappedKey> wraps, KeyContext context) {
        for (KeyEncryptionKey kek : present()) {
            Optional<AesKey> key = unwrap(kek, wraps, context);
            if (key.isPresent()) {
                return key;
            }
        }
        return Optional.empty();
    }

    private Optional<AesKey> unwrap(KeyEncryptionKey kek, List<WrappedKey> wraps, KeyContext context) {
        List<String> ids = kek.generations().stream().map(Generation::id).toList();
        for (WrappedKey wrapped : wraps) {
            if (ids.contains(wrapped.kek())) {
                Optional<AesKey> key = unwrap(kek, wrapped, context);
                if (key.isPresent()) {
                    return key;
                }
            }
        }
        return Optional.empty();
    }

    /** Nothing if it was tampered with: another key, or another generation, may still open it. */
    private Optional<AesKey> unwrap(KeyEncryptionKey kek, WrappedKey wrapped, KeyContext context) {
        try {
            return Optional.of(memory.take(kek.unwrap(wrapped, context)));
        } catch (AuthenticationException e) {
            return Optional.empty();
        }
    }

    /** Whether this key alone would open the store. */
    boolean opens(Session session, KeyEncryptionKey kek) throws SQLException {
        String store = store(session);
        for (Kept kept : kept(session)) {
            Optional<AesKey> key = unwrap(kek, wraps(session, kept.id()), kept.context(store));
            if (key.isEmpty()) {
                return false;
            }
            key.get().close();
        }
        return true;
    }

    /** Wraps whatever lacks a wrap under the newest generation of a key that is there, then forgets that key's older generations. */
    void complete(Session session, Map<String, Keyring.Entry> keys) throws SQLException {
        for (KeyEncryptionKey kek : present()) {
            String newest = kek.generations().getFirst().id();
            for (Kept kept : kept(session)) {
                if (wraps(session, kept.id()).stream().noneMatch(w -> w.kek().equals(newest))) {
                    Keyring.Entry entry = keys.get(kept.id());
                    if (entry == null) {
                        throw new IllegalStateException("data key " + kept.id() + " was not unwrapped");
                    }
                    insert(session, kept.id(), wrap(kek, entry.key(), kept.context(entry.store())));
                }
            }
            for (Generation old : kek.generations().subList(1, kek.generations().size())) {
                session.update("DELETE FROM wrapped_key WHERE kek = ?", old.id());
            }
            remember(session, kek, newest);
        }
    }

    private static void remember(Session session, KeyEncryptionKey kek, String newest) throws SQLException {
        session.update("""
                INSERT INTO kek (kind, place, id) VALUES (?, ?, ?)
                ON CONFLICT (kind, place) DO UPDATE SET id = excluded.id WHERE id <> excluded.id""", kek.kind(), kek.where(), newest);
    }

    /** Forgets the wraps of keys that are configured no more. */
    void forgetOthers(Session session) throws SQLException {
        List<String> current =
                present().stream().map(kek -> kek.generations().getFirst().id()).toList();
        for (String id : session.list("SELECT DISTINCT kek FROM wrapped_key", row -> row.text(1))) {
            if (!current.contains(id)) {
                session.update("DELETE FROM wrapped_key WHERE kek = ?", id);
                session.update("DELETE FROM kek WHERE id = ?", id);
            }
        }
    }

    /** The id under which the store last knew the key at that place. */
    static Optional<String> knownId(Session session, KeyEncryptionKey kek) throws SQLException {
        return session.first(
                "SELECT id FROM kek WHERE kind = ? AND place = ?", row -> row.text(1), kek.kind(), kek.where());
    }

    static WrappedKey wrap(KeyEncryptionKey kek, DataKey key, KeyContext context) {
        byte[] bytes = key.copyOfKey();
        try {
            return kek.wrap(bytes, context);
        } finally {
            Arrays.fill(bytes, (byte) 0);
        }
    }

    private static void insert(Session session, String dataKey, WrappedKey wrapped) throws SQLException {
        session.update(
                "INSERT OR REPLACE INTO wrapped_key (data_key, kek, wrapped) VALUES (?, ?, ?)",
                dataKey,
                wrapped.kek(),
                wrapped.bytes());
    }

    private static List<Kept> kept(Session session) throws SQLException {
        return session.list(
                "SELECT k.id, p.name FROM data_key k JOIN project p ON p.id = k.project ORDER BY p.name",
                row -> new Kept(row.text(1), new ProjectName(row.text(2))));
    }

    private static List<WrappedKey> wraps(Session session, String dataKey) throws SQLException {
        return session.list(
                "SELECT kek, wrapped FROM wrapped_key WHERE data_key = ?",
                row -> new WrappedKey(row.text(1), row.bytes(2)),
                dataKey);
    }

    private AgentException notOpened(List<WrappedKey> wraps) {
        String wanted = wraps.stream().map(WrappedKey::kek).sorted().collect(Collectors.joining(" or "));
        String places = keks.stream().map(KeyEncryptionKey::where).collect(Collectors.joining(", "));
        if (present().isEmpty()) {
            return Unusable.state(
                    "the key of the store is missing: " + places + " does not exist",
                    "put key " + wanted + " back there; none is made, because no other opens what is stored");
        }
        return Unusable.state(
                "the key of the store is not the one in " + places,
                "the store opens with key " + wanted + "; put that key file back, or name it in the configuration");
    }
}
