package dev.latchkey.agent.store;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.FailureKind;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConfig;

/**
 * One SQLite file: one writing session with a thread of its own, a few reading ones that callers share.
 *
 * <p>Readers see the last committed state and never wait for the writer.
 */
final class Database implements AutoCloseable {
    private static final int READERS = Math.max(2, Runtime.getRuntime().availableProcessors());
    private static final int BUSY_MILLIS = 10_000;

    private final Path file;
    private final Session writer;
    private final ExecutorService writerThread;
    private final BlockingQueue<Session> readers = new ArrayBlockingQueue<>(READERS);
    private final AtomicLong writes = new AtomicLong();
    private final AtomicInteger snapshots = new AtomicInteger();

    private Database(Path file, Session writer) {
        this.file = file;
        this.writer = writer;
        this.writerThread = Executors.newSingleThreadExecutor(
                Thread.ofPlatform().name("store-writer").factory());
    }

    /**
     * Opens a database whose file is there, maybe empty.
     *
     * @param accepts looks at it before anything is changed, and throws if it is not to be used
     */
    static Database open(Path file, Session.Work<Integer> accepts) {
        if (file.toString().indexOf('?') >= 0) {
            throw Unusable.state("the path " + file + " holds a '?'", "name another folder with --state");
        }
        List<Session> opened = new ArrayList<>();
        try {
            Session writer = connect(file);
            opened.add(writer);
            accepts.in(writer);
            writer.first("PRAGMA journal_mode = WAL", row -> row.text(1));
            Database database = new Database(file, writer);
            for (int i = 0; i < READERS; i++) {
                Session reader = connectReading(file);
                opened.add(reader);
                database.readers.add(reader);
            }
            return database;
        } catch (SQLException e) {
            closeAll(opened, e);
            throw SqlFailure.whileOpening(e, file);
        } catch (RuntimeException e) {
            closeAll(opened, e);
            throw e;
        }
    }

    private static Session connect(Path file) throws SQLException {
        SQLiteConfig config = new SQLiteConfig();
        config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
        config.setTempStore(SQLiteConfig.TempStore.MEMORY);
        config.setPragma(SQLiteConfig.Pragma.SECURE_DELETE, "ON");
        config.setPragma(SQLiteConfig.Pragma.MMAP_SIZE, "0");
        config.setPragma(SQLiteConfig.Pragma.JDBC_GET_GENERATED_KEYS, "false");
        config.enforceForeignKeys(true);
        config.setBusyTimeout(BUSY_MILLIS);
        return new Session(config.createConnection("jdbc:sqlite:" + file));
    }

    private static Session connectReading(Path file) throws SQLException {
        Session session = connect(file);
        session.execute("PRAGMA query_only = ON");
        return session;
    }

    Path file() {
        return file;
    }

    /** One statement's view of the store. */
    <T> T read(Session.Work<T> work) {
        Session session = borrow();
        try {
            return work.in(session);
        } catch (SQLException e) {
            throw SqlFailure.whileServing(e, file);
        } finally {
            readers.add(session);
        }
    }

    /** One view of the store for several statements. */
    <T> T readAsOne(Session.Work<T> work) {
        return read(session -> session.transaction("BEGIN", work));
    }

    /** As {@link #readAsOne}, for work that takes long: on a connection of its own. */
    <T> T snapshot(Session.Work<T> work) {
        snapshots.incrementAndGet();
        try (Session session = connectReading(file)) {
            return session.transaction("BEGIN", work);
        } catch (SQLException e) {
            throw SqlFailure.whileServing(e, file);
        } finally {
            snapshots.decrementAndGet();
            clearLog();
        }
    }

    /** All of the work or none of it; on disk when this returns. */
    <T> T write(Session.Work<T> work) {
        return onWriter(() -> {
            try {
                return writer.transaction("BEGIN IMMEDIATE", work);
            } finally {
                // Before anybody hears of it; counted too if it failed, for then nobody knows how far it came.
                writes.incrementAndGet();
            }
        });
    }

    /** How many writes have ended. */
    long writes() {
        return writes.get();
    }

    /**
     * Moves the log into the database and empties it, so that nothing that was overwritten there stays in it. While somebody
     * reads a snapshot nothing can be moved; then the end of the last snapshot does it, at the latest the next start.
     */
    void clearLog() {
        if (snapshots.get() == 0) {
            onWriter(() -> writer.first("PRAGMA wal_checkpoint(TRUNCATE)", row -> row.number(1)));
        }
    }

    /** Writes the state as it was last committed to a file that is there and empty. May be called within {@link #write}. */
    void copyTo(Path copy) {
        try (Session session = connect(file)) {
            session.update("VACUUM INTO ?", copy.toString());
        } catch (SQLException e) {
            throw SqlFailure.whileServing(e, file);
        }
    }

    private Session borrow() {
        try {
            return readers.take();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AgentException(FailureKind.PROVIDER_UNAVAILABLE, "a look-up in the store was interrupted");
        }
    }

    private <T> T onWriter(Callable<T> task) {
        Future<T> future = writerThread.submit(task);
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return future.get();
                } catch (InterruptedException e) {
                    // What was begun must be known to be done or undone, so its end is waited for.
                    interrupted = true;
                }
            }
        } catch (ExecutionException e) {
            throw failureOf(e.getCause());
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private RuntimeException failureOf(@Nullable Throwable cause) {
        return switch (cause) {
            case SQLException e -> SqlFailure.whileServing(e, file);
            case RuntimeException e -> e;
            case null, default -> new IllegalStateException("a write to the store failed", cause);
        };
    }

    /** Waits for a write that is under way. Nobody may read any more. */
    @Override
    public void close() {
        writerThread.close();
        List<Session> all = new ArrayList<>(readers);
        all.add(writer);
        SQLException failure = new SQLException("a connection cannot be closed");
        closeAll(all, failure);
        if (failure.getSuppressed().length > 0) {
            throw SqlFailure.whileServing(failure, file);
        }
    }

    private static void closeAll(List<Session> sessions, Exception failure) {
        for (Session session : sessions) {
            try {
                session.close();
            } catch (SQLException e) {
                failure.addSuppressed(e);
            }
        }
    }
}
