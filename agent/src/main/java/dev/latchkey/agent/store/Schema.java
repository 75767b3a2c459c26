package dev.latchkey.agent.store;

import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;

/**
 * The tables, and how one form of them becomes the next.
 *
 * <p>The number of a database's schema is its {@code user_version}: 0 for an empty one, then 1 more for each step that was
 * applied. Its {@code application_id} tells it from other programs' databases.
 *
 * @param steps the statements of each step, the first making schema 1 of nothing
 */
record Schema(List<List<String>> steps) {
    private static final int APPLICATION = 0x4C_61_74_63;

    /** In an order in which rows may be inserted; backups hold them so. */
    static final List<String> TABLES = List.of(
            "store", "project", "environment", "data_key", "kek", "wrapped_key", "secret", "version", "retired");

    private static final List<String> FIRST = List.of(
            "CREATE TABLE store (id TEXT NOT NULL PRIMARY KEY, created INTEGER NOT NULL) STRICT",
            """
            CREATE TABLE project (
              id INTEGER PRIMARY KEY,
              name TEXT NOT NULL UNIQUE,
              naming TEXT NOT NULL,
              created INTEGER NOT NULL) STRICT""",
            """
            CREATE TABLE environment (
              id INTEGER PRIMARY KEY,
              project INTEGER NOT NULL REFERENCES project,
              name TEXT NOT NULL,
              created INTEGER NOT NULL,
              UNIQUE (project, name)) STRICT""",
            """
            CREATE TABLE data_key (
              id TEXT NOT NULL PRIMARY KEY,
              project INTEGER NOT NULL UNIQUE REFERENCES project,
              seals INTEGER NOT NULL,
              created INTEGER NOT NULL) STRICT""",
            """
            CREATE TABLE kek (
              kind TEXT NOT NULL,
              place TEXT NOT NULL,
              id TEXT NOT NULL,
              PRIMARY KEY (kind, place)) STRICT""",
            """
            CREATE TABLE wrapped_key (
              data_key TEXT NOT NULL REFERENCES data_key,
              kek TEXT NOT NULL,
              wrapped BLOB NOT NULL,
              PRIMARY KEY (data_key, kek)) STRICT""",
            """
            CREATE TABLE secret (
              id INTEGER PRIMARY KEY,
              environment INTEGER NOT NULL REFERENCES environment,
              name TEXT NOT NULL,
              next_version INTEGER NOT NULL,
              created INTEGER NOT NULL,
              updated INTEGER NOT NULL,
              deleted INTEGER,
              scopes TEXT NOT NULL,
              description TEXT,
              UNIQUE (environment, name)) STRICT""",
            """
            CREATE TABLE version (
              secret INTEGER NOT NULL REFERENCES secret,
              number INTEGER NOT NULL,
              created INTEGER NOT NULL,
              expires INTEGER,
              disabled INTEGER NOT NULL,
              data_key TEXT NOT NULL REFERENCES data_key,
              sealed BLOB NOT NULL,
              PRIMARY KEY (secret, number)) STRICT""",
            // The numbers that purged names may not give again.
            "CREATE TABLE retired (path TEXT NOT NULL PRIMARY KEY, next_version INTEGER NOT NULL) STRICT");

    static final Schema CURRENT = new Schema(List.of(FIRST));

    int number() {
        return steps.size();
    }

    /**
     * Reads the number without changing anything.
     *
     * @throws dev.latchkey.agent.failure.AgentException if the file is another program's, or newer than this agent
     */
    int numberOf(Session session, Path file) throws SQLException {
        long found = session.number("PRAGMA user_version");
        long application = session.number("PRAGMA application_id");
        boolean empty = session.number("SELECT count(*) FROM sqlite_schema") == 0;
        if (!empty && application != APPLICATION) {
            throw Unusable.state(
                    file + " is not a database of Latchkey", "move it away, or name another folder with --state");
        }
        if (found > number()) {
            throw Unusable.state(
                    "the database " + file + " has schema " + found + ", and this agent knows only up to " + number(),
                    "nothing was changed; run the agent that wrote it, or a newer one");
        }
        return empty ? 0 : (int) found;
    }

    /** Within a transaction. */
    void migrate(Session session, int from) throws SQLException {
        if (from == number()) {
            return;
        }
        for (List<String> step : steps.subList(from, steps.size())) {
            for (String statement : step) {
                session.execute(statement);
            }
        }
        session.execute("PRAGMA application_id = " + APPLICATION);
        session.execute("PRAGMA user_version = " + number());
    }
}
