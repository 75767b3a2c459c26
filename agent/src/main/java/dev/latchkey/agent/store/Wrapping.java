package dev.latchkey.agent.store;

import dev.latchkey.agent.crypto.AesKey;
import dev.latchkey.agent.crypto.AuthenticationException;
import dev.latchkey.agent.crypto.DataKey;
import dev.latchkey.agent.crypto.KeyContext;
import dev.latchkey.agent.crypto.KeyEncryptionKey;
import dev.latchkey.agent.crypto.KeyEncryptionKey.Generation;
import dev.latchkey.agent.crypto.KeyEncryptionKey.ToWrap;
import dev.latchkey.agent.crypto.KeyMemory;
import dev.latchkey.agent.crypto.WrappedKey;
import dev.latchkey.agent.failure.AgentException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Wraps and unwraps data keys, and keeps the wraps. What asks a KEK has no session, and what has a session asks no KEK: the service of a remote one may
 * take its time, and nobody else should have to wait for it.
 */
final class Wrapping {
    private Wrapping() {}

    /** A wrap that is not kept yet. */
    record Made(String dataKey, WrappedKey wrapped) {}

    /**
     * Unwraps with one KEK.
     *
     * @return empty if it wrapped none of these, or they were tampered with: another KEK may still open them
     * @throws AgentException if it cannot be asked
     */
    static Optional<AesKey> unwrap(
            Finding finding, Collection<WrappedKey> wraps, KeyContext context, KeyMemory memory) {
        for (WrappedKey wrapped : wraps) {
            if (finding.ids().contains(wrapped.kek())) {
                Optional<AesKey> key = unwrap(finding.kek(), wrapped, context, memory);
                if (key.isPresent()) {
                    return key;
                }
            }
        }
        return Optional.empty();
    }

    private static Optional<AesKey> unwrap(
            KeyEncryptionKey kek, WrappedKey wrapped, KeyContext context, KeyMemory memory) {
        try {
            return Optional.of(memory.take(kek.unwrap(wrapped, context)));
        } catch (AuthenticationException e) {
            return Optional.empty();
        }
    }

    /** Whether this key alone would open the store. Of a remote one a single data key is asked for. */
    static boolean opens(Finding finding, KeyInventory inventory, KeyMemory memory) {
        List<KeyInventory.Kept> keys = inventory.keys();
        boolean all = keys.stream().allMatch(kept -> finding.ids().stream().anyMatch(kept::isWrappedUnder));
        long tried = finding.kek().isRemote() ? 1 : keys.size();
        return all
                && keys.stream().limit(tried).allMatch(kept -> opens(finding, inventory.context(kept), kept, memory));
    }

    private static boolean opens(Finding finding, KeyContext context, KeyInventory.Kept kept, KeyMemory memory) {
        Optional<AesKey> key = unwrap(finding, kept.wraps(), context, memory);
        key.ifPresent(AesKey::close);
        return key.isPresent();
    }

    static WrappedKey wrap(KeyEncryptionKey kek, DataKey key, KeyContext context) {
        byte[] bytes = key.copyOfKey();
        try {
            return kek.wrap(bytes, context);
        } finally {
            Arrays.fill(bytes, (byte) 0);
        }
    }

    /**
     * Wraps under the newest generation of one KEK whatever lacks that.
     *
     * @param keys those that are no longer among them were deleted meanwhile
     */
    static List<Made> missing(Finding finding, KeyInventory inventory, Map<String, Keyring.Entry> keys) {
        List<Lacking> lacking = new ArrayList<>();
        for (KeyInventory.Kept kept : inventory.keys()) {
            Keyring.Entry entry = keys.get(kept.id());
            if (entry != null && !kept.isWrappedUnder(finding.id())) {
                lacking.add(new Lacking(entry.key(), inventory.context(kept)));
            }
        }
        List<Made> made = new ArrayList<>();
        while (made.size() < lacking.size()) {
            int end = Math.min(made.size() + finding.kek().most(), lacking.size());
            made.addAll(made(finding.kek(), lacking.subList(made.size(), end)));
        }
        return made;
    }

    /** A data key without a wrap. */
    private record Lacking(DataKey key, KeyContext context) {}

    private static List<Made> made(KeyEncryptionKey kek, List<Lacking> some) {
        List<ToWrap> bare = new ArrayList<>();
        try {
            some.forEach(each -> bare.add(new ToWrap(each.key().copyOfKey(), each.context())));
            List<WrappedKey> wrapped = kek.wrapAll(bare);
            return IntStream.range(0, some.size())
                    .mapToObj(i -> new Made(some.get(i).key().id(), wrapped.get(i)))
                    .toList();
        } finally {
            bare.forEach(each -> Arrays.fill(each.key(), (byte) 0));
        }
    }

    /** Keeps what {@link #missing} made, and then forgets what the same KEK's older generations wrapped. */
    static void keep(Session session, Finding finding, List<Made> made) throws SQLException {
        for (Made each : made) {
            insert(session, each.dataKey(), each.wrapped());
        }
        long lacking = session.number(
                "SELECT count(*) FROM data_key WHERE id NOT IN (SELECT data_key FROM wrapped_key WHERE kek = ?)",
                finding.id());
        if (lacking == 0) {
            for (Generation old :
                    finding.generations().subList(1, finding.generations().size())) {
                session.update("DELETE FROM wrapped_key WHERE kek = ?", old.id());
            }
        }
        session.update("""
                INSERT INTO kek (kind, place, id) VALUES (?, ?, ?)
                ON CONFLICT (kind, place) DO UPDATE SET id = excluded.id WHERE id <> excluded.id""", finding.kek().kind(), finding.kek().where(), finding.id());
    }

    /** Forgets the wraps of keys that are configured no more. */
    static void forgetOthers(Session session, List<Finding> current) throws SQLException {
        List<String> ids = current.stream().map(Finding::id).toList();
        for (String id : session.list("SELECT kek FROM wrapped_key UNION SELECT id FROM kek", row -> row.text(1))) {
            if (!ids.contains(id)) {
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

    /** Of a data key that is gone by now nothing is kept. */
    static void insert(Session session, String dataKey, WrappedKey wrapped) throws SQLException {
        session.update(
                "INSERT OR REPLACE INTO wrapped_key (data_key, kek, wrapped) SELECT id, ?, ? FROM data_key WHERE id = ?",
                wrapped.kek(),
                wrapped.bytes(),
                dataKey);
    }
}
