package dev.latchkey.agent.store;

import dev.latchkey.agent.failure.IoReason;
import dev.latchkey.agent.secret.ProjectName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.SQLException;
import java.time.Clock;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/** The steps from a folder to a store that serves, in their order. */
record StoreOpening(
        StateFolder state,
        StoreConfig config,
        StoreListener listener,
        Clock clock,
        SecureRandom random,
        Schema schema) {
    static final String FILE = "store.db";

    /** Above this size a check of every page would be felt at each start; {@code agent store verify} makes it. */
    private static final long CHECKED_BYTES = 16L << 20;

    EmbeddedStore open() {
        SqliteLibrary.prepare(state);
        discardIncoming();
        Path file = state.privateFile(FILE);
        AtomicInteger found = new AtomicInteger();
        Database database = Database.open(file, session -> {
            found.set(schema.numberOf(session, file));
            requireWhole(session, file);
            return found.get();
        });
        boolean opened = false;
        try {
            EmbeddedStore store = open(database, found.get());
            opened = true;
            return store;
        } finally {
            if (!opened) {
                database.close();
            }
        }
    }

    private EmbeddedStore open(Database database, int found) {
        Keks keks = new Keks(config.keys(), config.patience());
        Custody custody = new Custody(database, keks, config.memory(), random, listener);
        EmbeddedStore store = new EmbeddedStore(state, database, custody, clock, random);
        if (found == 0) {
            make(database, store, custody);
        } else {
            database.write(session -> {
                schema.migrate(session, found);
                store.keyring().add(custody.open(session));
                keepOlder(session, store, found);
                return true;
            });
        }
        database.clearLog();
        store.beginUpkeep();
        return store;
    }

    /** Copies the database as it was, which is how others see it until the transaction that migrates it ends. */
    private void keepOlder(Session session, EmbeddedStore store, int found) {
        if (found > 0 && found < schema.number()) {
            Path copy = store.backups().copyBeside("before-schema-" + schema.number());
            session.afterCommit(() -> listener.migrated(found, schema.number(), copy));
        }
    }

    private void make(Database database, EmbeddedStore store, Custody custody) {
        custody.createKeys();
        String id = custody.randomId();
        custody.withNewDataKey(
                id,
                ProjectName.DEFAULT,
                key -> database.write(session -> {
                    schema.migrate(session, 0);
                    session.update("INSERT INTO store (id, created) VALUES (?, ?)", id, clock.instant());
                    store.projectTable().create(session, store.keyring(), ProjectName.DEFAULT, config.naming(), key);
                    custody.completeOwn(session, Map.of());
                    return true;
                }));
    }

    private static void requireWhole(Session session, Path file) throws SQLException {
        long bytes = session.number("PRAGMA page_count") * session.number("PRAGMA page_size");
        if (bytes > CHECKED_BYTES) {
            return;
        }
        String result =
                session.first("PRAGMA quick_check(1)", row -> row.text(1)).orElse("nothing");
        if (!result.equals("ok")) {
            throw SqlFailure.damaged(file, new SQLException(result));
        }
    }

    /** A backup whose restoring was cut short. */
    private void discardIncoming() {
        Path incoming = state.resolve(Backups.INCOMING);
        try {
            Files.deleteIfExists(incoming);
        } catch (IOException e) {
            throw Unusable.state("file " + incoming + " cannot be removed: " + IoReason.of(e), "remove it", e);
        }
    }
}
