package dev.latchkey.agent.store;

import dev.latchkey.agent.crypto.DataKey;
import dev.latchkey.agent.crypto.WrappedKey;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** A data key with its wraps, before it is kept. Closing it gives up a key that was not. */
record NewDataKey(String store, DataKey key, List<WrappedKey> wraps) implements AutoCloseable {
    NewDataKey {
        wraps = List.copyOf(wraps);
        if (wraps.isEmpty()) {
            throw new IllegalStateException("a data key that nothing opens");
        }
    }

    void insert(Session session, Keyring keyring, long project, Instant now) throws SQLException {
        session.update(
                "INSERT INTO data_key (id, project, seals, created) VALUES (?, ?, 0, ?)", key.id(), project, now);
        for (WrappedKey wrap : wraps) {
            Wrapping.insert(session, key.id(), wrap);
        }
        session.afterCommit(() -> keyring.add(Map.of(key.id(), new Keyring.Entry(store, key))));
    }

    @Override
    public void close() {
        key.close();
    }
}
