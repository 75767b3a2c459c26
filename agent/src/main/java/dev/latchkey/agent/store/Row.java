package dev.latchkey.agent.store;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One row of a result, columns counted from 1. Valid until the next row is asked for. */
final class Row {
    private final ResultSet result;

    Row(ResultSet result) {
        this.result = result;
    }

    String text(int column) throws SQLException {
        return required(result.getString(column), column);
    }

    Optional<String> optionalText(int column) throws SQLException {
        return Optional.ofNullable(result.getString(column));
    }

    long number(int column) throws SQLException {
        return result.getLong(column);
    }

    Optional<Long> optionalNumber(int column) throws SQLException {
        long number = result.getLong(column);
        return result.wasNull() ? Optional.empty() : Optional.of(number);
    }

    boolean flag(int column) throws SQLException {
        return result.getInt(column) != 0;
    }

    /** Times are kept in milliseconds since 1970. */
    Instant time(int column) throws SQLException {
        return Instant.ofEpochMilli(result.getLong(column));
    }

    Optional<Instant> optionalTime(int column) throws SQLException {
        return optionalNumber(column).map(Instant::ofEpochMilli);
    }

    byte[] bytes(int column) throws SQLException {
        byte[] bytes = result.getBytes(column);
        return bytes == null ? new byte[0] : bytes;
    }

    /** A column of whatever type SQLite has for it: a Number, a String, a byte array, or nothing. */
    Optional<Object> any(int column) throws SQLException {
        return Optional.ofNullable(result.getObject(column));
    }

    private static String required(@Nullable String text, int column) throws SQLException {
        if (text == null) {
            throw new SQLException("column " + column + " holds nothing where something must be");
        }
        return text;
    }
}
