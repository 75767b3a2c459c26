package dev.latchkey.agent.store;

import dev.latchkey.agent.crypto.KeyContext;
import dev.latchkey.agent.crypto.WrappedKey;
import dev.latchkey.agent.secret.ProjectName;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** The data keys as the database holds them, read at once so that no KEK is waited for with the database in hand. */
record KeyInventory(String store, List<Kept> keys) {
    KeyInventory {
        keys = List.copyOf(keys);
    }

    /** One data key as it is kept. */
    record Kept(String id, ProjectName project, List<WrappedKey> wraps) {
        Kept {
            wraps = List.copyOf(wraps);
        }

        boolean isWrappedUnder(String kek) {
            return wraps.stream().anyMatch(wrap -> wrap.kek().equals(kek));
        }
    }

    /** What a data key of that project is bound to. */
    static KeyContext context(String store, ProjectName project, String id) {
        return new KeyContext(store, "project " + project, id);
    }

    KeyContext context(Kept kept) {
        return context(store, kept.project(), kept.id());
    }

    static String store(Session session) throws SQLException {
        return session.first("SELECT id FROM store", row -> row.text(1))
                .orElseThrow(() -> new SQLException("a store without an id"));
    }

    static KeyInventory read(Session session) throws SQLException {
        record Key(String id, ProjectName project) {}
        List<Key> keys = session.list(
                "SELECT k.id, p.name FROM data_key k JOIN project p ON p.id = k.project ORDER BY p.name",
                row -> new Key(row.text(1), new ProjectName(row.text(2))));
        List<Kept> kept = new ArrayList<>();
        for (Key key : keys) {
            kept.add(new Kept(key.id(), key.project(), wraps(session, key.id())));
        }
        return new KeyInventory(store(session), kept);
    }

    private static List<WrappedKey> wraps(Session session, String dataKey) throws SQLException {
        return session.list(
                "SELECT kek, wrapped FROM wrapped_key WHERE data_key = ?",
                row -> new WrappedKey(row.text(1), row.bytes(2)),
                dataKey);
    }
}
