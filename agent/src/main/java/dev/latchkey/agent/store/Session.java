package dev.latchkey.agent.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One connection with the statements it prepared. Belongs to one thread at a time.
 *
 * <p>Arguments of statements may be numbers, text, byte arrays, booleans, times, and an {@code Optional} of these.
 */
final class Session implements AutoCloseable {
    private final Connection connection;
    private final Map<String, PreparedStatement> prepared = new HashMap<>();
    private final List<Runnable> afterCommit = new ArrayList<>();

    Session(Connection connection) {
        this.connection = connection;
    }

    /** What is done with a session. */
    interface Work<T> {
        T in(Session session) throws SQLException;
    }

    /** Makes something of a row. */
    interface Mapper<T> {
        T map(Row row) throws SQLException;
    }

    /** Does something with each row. */
    interface Visitor {
        void visit(Row row) throws SQLException;
    }

    <T> Optional<T> first(String sql, Mapper<T> mapper, Object... arguments) throws SQLException {
        try (ResultSet result = bound(sql, arguments).executeQuery()) {
            return result.next() ? Optional.of(mapper.map(new Row(result))) : Optional.empty();
        }
    }

    <T> List<T> list(String sql, Mapper<T> mapper, Object... arguments) throws SQLException {
        List<T> all = new ArrayList<>();
        each(sql, row -> all.add(mapper.map(row)), arguments);
        return all;
    }

    /** The visitor must not run the same statement. */
    void each(String sql, Visitor visitor, Object... arguments) throws SQLException {
        try (ResultSet result = bound(sql, arguments).executeQuery()) {
            Row row = new Row(result);
            while (result.next()) {
                visitor.visit(row);
            }
        }
    }

    long number(String sql, Object... arguments) throws SQLException {
        return first(sql, row -> row.number(1), arguments)
                .orElseThrow(() -> new SQLException("no answer where there is always one"));
    }

    /**
     * @return how many rows it changed
     */
    int update(String sql, Object... arguments) throws SQLException {
        return bound(sql, arguments).executeUpdate();
    }

    /** Runs one statement that takes no arguments and is not kept. */
    void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** Has something done once the transaction that is running is on disk; forgotten if it is undone. */
    void afterCommit(Runnable action) {
        afterCommit.add(action);
    }

    <T> T transaction(String begin, Work<T> work) throws SQLException {
        afterCommit.clear();
        execute(begin);
        boolean committed = false;
        T result;
        try {
            result = work.in(this);
            execute("COMMIT");
            committed = true;
        } finally {
            if (!committed) {
                rollback();
            }
        }
        afterCommit.forEach(Runnable::run);
        return result;
    }

    /** After some failures, a full disk among them, SQLite has rolled back on its own and says that there is nothing to undo. */
    private void rollback() throws SQLException {
        try {
            execute("ROLLBACK");
        } catch (SQLException e) {
            if (!String.valueOf(e.getMessage()).contains("no transaction is active")) {
                throw e;
            }
        }
    }

    private PreparedStatement bound(String sql, Object... arguments) throws SQLException {
        PreparedStatement statement = prepared.get(sql);
        if (statement == null) {
            statement = connection.prepareStatement(sql);
            prepared.put(sql, statement);
        }
        for (int i = 0; i < arguments.length; i++) {
            statement.setObject(i + 1, plain(arguments[i]));
        }
        return statement;
    }

    private static @Nullable Object plain(@Nullable Object argument) {
        return switch (argument) {
            case Optional<?> optional -> plain(optional.orElse(null));
            case Instant time -> time.toEpochMilli();
            case Boolean flag -> flag ? 1 : 0;
            case null, default -> argument;
        };
    }

    @Override
    public void close() throws SQLException {
        for (PreparedStatement statement : prepared.values()) {
            statement.close();
        }
        connection.close();
    }
}
