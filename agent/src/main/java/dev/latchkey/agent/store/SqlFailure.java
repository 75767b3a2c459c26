package dev.latchkey.agent.store;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import java.nio.file.Path;
import java.sql.SQLException;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/** Turns the database's failures into ours. SQLite's messages name tables and columns, never what is bound to a statement. */
final class SqlFailure {
    private static final int PRIMARY = 0xFF;

    private SqlFailure() {}

    /** For a store that serves: it may recover. */
    static AgentException whileServing(SQLException cause, Path file) {
        Failure failure = switch (primary(cause)) {
            case SQLITE_FULL ->
                unavailable(
                        "the store cannot be written: the disk is full",
                        "make room where " + file + " is; the agent goes on by itself");
            case SQLITE_READONLY ->
                unavailable("the store cannot be written: it is read-only", "make " + file + " writable again");
            case SQLITE_CORRUPT, SQLITE_NOTADB ->
                unavailable(
                        "the database " + file + " is damaged",
                        "agent store verify says where; agent restore brings a backup back");
            case SQLITE_IOERR -> unavailable("the store's disk fails", "look after the disk that holds " + file);
            default -> unavailable("the database failed: " + primary(cause), "the agent's log may say more");
        };
        return new AgentException(failure, cause);
    }

    /** For a store that is being opened: nothing is served from it. */
    static AgentException whileOpening(SQLException cause, Path file) {
        return switch (primary(cause)) {
            case SQLITE_CORRUPT, SQLITE_NOTADB -> damaged(file, cause);
            case SQLITE_FULL ->
                Unusable.state(
                        "the database " + file + " cannot be opened: the disk is full", "make room on it", cause);
            default ->
                Unusable.state(
                        "the database " + file + " cannot be opened: " + primary(cause),
                        "it must be a file of the agent's user on a disk that works",
                        cause);
        };
    }

    static AgentException damaged(Path file, SQLException cause) {
        return Unusable.state(
                "the database " + file + " is damaged",
                "nothing was changed; move it away, start the agent with its key file, and restore a backup",
                cause);
    }

    private static Failure unavailable(String message, String hint) {
        return Failure.of(FailureKind.PROVIDER_UNAVAILABLE, message, hint);
    }

    private static SQLiteErrorCode primary(SQLException cause) {
        return cause instanceof SQLiteException e
                ? SQLiteErrorCode.getErrorCode(e.getResultCode().code & PRIMARY)
                : SQLiteErrorCode.SQLITE_ERROR;
    }
}
