package dev.latchkey.agent.store;

import dev.latchkey.agent.crypto.AesKey;
import dev.latchkey.agent.crypto.DataKey;
import dev.latchkey.agent.crypto.SealedInput;
import dev.latchkey.agent.crypto.SealedOutput;
import dev.latchkey.agent.crypto.WrappedKey;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.IoReason;
import dev.latchkey.agent.secret.StoreCustody.Verification;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Backups: a snapshot of all rows under a key of its own, which is wrapped under the store's KEKs. The rows keep their own
 * encryption below that.
 */
final class Backups {
    /** The name of the file in which a backup lies while it is restored. */
    static final String INCOMING = "incoming.backup";

    private static final String COUNTERS = """
            SELECT p.name || '/' || e.name || '/' || s.name, s.next_version
            FROM secret s
            JOIN environment e ON e.id = s.environment
            JOIN project p ON p.id = e.project
            UNION ALL SELECT path, next_version FROM retired""";

    private final StateFolder state;
    private final Database database;
    private final Custody custody;
    private final Keyring keyring;
    private final Clock clock;
    private final SecureRandom random;

    Backups(StateFolder state, Database database, Custody custody, Keyring keyring, Clock clock, SecureRandom random) {
        this.state = state;
        this.database = database;
        this.custody = custody;
        this.keyring = keyring;
        this.clock = clock;
        this.random = random;
    }

    void write(OutputStream to, LongConsumer rows) {
        try (AesKey stream = custody.randomKey();
                DataKey key = new DataKey(custody.randomId(), stream)) {
            BackupHeader header = header(key);
            database.snapshot(session -> {
                requireSame(session, header);
                writeSnapshot(session, to, header, stream, rows);
                return true;
            });
        } catch (UncheckedIOException e) {
            throw Unusable.state("the backup cannot be written: " + reason(e), "what was written is not a backup", e);
        }
    }

    private static void requireSame(Session session, BackupHeader header) throws SQLException {
        if (!KeyInventory.store(session).equals(header.store())) {
            throw Unusable.state("another store was restored while the backup began", "make the backup again");
        }
    }

    private void writeSnapshot(Session session, OutputStream to, BackupHeader header, AesKey stream, LongConsumer rows)
            throws SQLException {
        try {
            DataOutputStream out = new DataOutputStream(new BufferedOutputStream(to));
            header.writeTo(out);
            SealedOutput sealed = new SealedOutput(out, stream, header.toBytes(), random);
            DataOutputStream cells = new DataOutputStream(new BufferedOutputStream(sealed));
            new RowStream(rows).write(session, cells);
            cells.flush();
            sealed.finish();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Before anything is read: a remote key may take its time. */
    private BackupHeader header(DataKey key) {
        String store = database.read(KeyInventory::store);
        BackupHeader bare = new BackupHeader(store, Schema.CURRENT.number(), key.id(), List.of());
        return new BackupHeader(store, bare.schema(), bare.key(), custody.wraps(key, bare.context()));
    }

    /**
     * Replaces the store by a backup in one transaction, which ends only after every row was opened.
     *
     * <p>The stream is first copied to a file, encrypted as it is, so that a slow sender does not keep others from writing.
     */
    void restore(InputStream from, LongConsumer rows) {
        Path incoming = state.privateFile(INCOMING);
        try {
            try (OutputStream copy = Files.newOutputStream(incoming)) {
                from.transferTo(copy);
            }
            try (InputStream backup = new BufferedInputStream(Files.newInputStream(incoming))) {
                restoreFile(backup, rows);
            }
        } catch (EOFException e) {
            throw notRestored("it is cut off", e);
        } catch (IOException e) {
            throw notRestored(IoReason.of(e), e);
        } finally {
            discard(incoming);
        }
        database.clearLog();
    }

    private static void discard(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw Unusable.state("file " + file + " cannot be removed: " + IoReason.of(e), "remove it", e);
        }
    }

    private void restoreFile(InputStream backup, LongConsumer rows) throws IOException {
        BackupHeader header = BackupHeader.readFrom(backup);
        if (header.schema() != Schema.CURRENT.number()) {
            throw Unusable.state(
                    "the backup has schema " + header.schema() + ", and this agent restores " + Schema.CURRENT.number(),
                    "nothing was changed; restore it with the agent that wrote it");
        }
        try (AesKey key = custody.unwrap(header.wraps(), header.context()).orElseThrow(() -> notOurs(header))) {
            SealedInput sealed = new SealedInput(backup, key, header.toBytes());
            custody.alone(() -> database.write(session -> {
                replaceContent(session, header, new DataInputStream(new BufferedInputStream(sealed)), rows);
                return true;
            }));
        } catch (UncheckedIOException e) {
            throw cause(e);
        }
    }

    private void replaceContent(Session session, BackupHeader header, DataInputStream in, LongConsumer rows)
            throws SQLException {
        Map<String, Long> counters = header.store().equals(KeyInventory.store(session)) ? counters(session) : Map.of();
        for (String table : Schema.TABLES.reversed()) {
            session.update("DELETE FROM " + table);
        }
        try {
            new RowStream(rows).read(session, in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Map<String, Keyring.Entry> keys = custody.unlock(KeyInventory.read(session));
        requireWhole(session, header, keys);
        custody.completeOwn(session, keys);
        continueCounting(session, counters);
        // Whoever is not in this transaction sees the database as it was until the transaction ends.
        copyBeside("replaced");
        keyring.add(keys);
        session.afterCommit(() -> keyring.replaceBy(keys));
    }

    private void requireWhole(Session session, BackupHeader header, Map<String, Keyring.Entry> keys)
            throws SQLException {
        Verification verification = new Verifier(keys, custody.memory(), done -> {}).verify(session);
        if (!verification.problems().isEmpty()) {
            throw notRestored(verification.problems().getFirst(), null);
        }
        if (!KeyInventory.store(session).equals(header.store())) {
            throw notRestored("its rows are of another store than its header", null);
        }
    }

    private static Map<String, Long> counters(Session session) throws SQLException {
        Map<String, Long> counters = new HashMap<>();
        session.each(COUNTERS, row -> counters.put(row.text(1), row.number(2)));
        return counters;
    }

    /** INVARIANT: numbers that were given since the backup was made are not given again. */
    private static void continueCounting(Session session, Map<String, Long> before) throws SQLException {
        Map<String, Long> restored = counters(session);
        for (Map.Entry<String, Long> counter : before.entrySet()) {
            long next = counter.getValue();
            if (next > restored.getOrDefault(counter.getKey(), 0L)) {
                raise(session, counter.getKey().split("/", -1), next);
            }
        }
    }

    private static void raise(Session session, String[] path, long next) throws SQLException {
        int raised = session.update("""
                UPDATE secret SET next_version = ? WHERE name = ? AND environment = (
                  SELECT e.id FROM environment e JOIN project p ON p.id = e.project WHERE p.name = ? AND e.name = ?)""", next, path[2], path[0], path[1]);
        if (raised == 0) {
            session.update(
                    "INSERT OR REPLACE INTO retired (path, next_version) VALUES (?, ?)", String.join("/", path), next);
        }
    }

    /**
     * Copies the database to a file beside it that is there for good.
     *
     * @return the copy
     */
    Path copyBeside(String reason) {
        String time = Instant.ofEpochSecond(clock.instant().getEpochSecond())
                .toString()
                .replace(":", "");
        String name = reason + "-" + time;
        int attempt = 1;
        while (Files.exists(state.resolve(name + ".db"))) {
            name = reason + "-" + time + "-" + ++attempt;
        }
        Path copy = state.privateFile(name + ".db");
        boolean done = false;
        try {
            database.copyTo(copy);
            state.flush(copy);
            done = true;
        } finally {
            if (!done) {
                discard(copy);
            }
        }
        return copy;
    }

    private static AgentException notOurs(BackupHeader header) {
        List<String> keys = header.wraps().stream().map(WrappedKey::kek).toList();
        return Unusable.state(
                "the backup opens only with key " + String.join(" or ", keys) + ", which is none of this store's",
                "nothing was changed; add that key file to the store's keys, and restore again");
    }

    private static AgentException notRestored(String reason, @Nullable Throwable cause) {
        return Unusable.state(
                "the backup cannot be restored: " + reason, "nothing was changed; use another copy of it", cause);
    }

    private static String reason(UncheckedIOException e) {
        return IoReason.of(cause(e));
    }

    private static IOException cause(UncheckedIOException e) {
        return Objects.requireNonNull(e.getCause());
    }
}
