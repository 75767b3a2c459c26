package dev.latchkey.agent.store;

import dev.latchkey.agent.secret.SecretVersion;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** One row of table {@code version}. */
record VersionRow(long number, Instant created, Optional<Instant> expires, boolean disabled, RowCipher.Sealed sealed) {
    private static final String SELECT =
            "SELECT number, created, expires, disabled, data_key, sealed FROM version WHERE secret = ?";

    static Optional<VersionRow> find(Session session, SecretRow secret, long number) throws SQLException {
        return session.first(SELECT + " AND number = ?", VersionRow::of, secret.id(), number);
    }

    /** The highest number that is not purged, disabled or not: what a reference without a version means. */
    static Optional<VersionRow> current(Session session, SecretRow secret) throws SQLException {
        return session.first(SELECT + " ORDER BY number DESC LIMIT 1", VersionRow::of, secret.id());
    }

    /** The newest first. */
    static List<VersionRow> list(Session session, SecretRow secret) throws SQLException {
        return session.list(SELECT + " ORDER BY number DESC", VersionRow::of, secret.id());
    }

    SecretVersion toVersion(boolean current) {
        return new SecretVersion(number, created, expires, sealed.size(), current, disabled);
    }

    private static VersionRow of(Row row) throws SQLException {
        return new VersionRow(
                row.number(1),
                row.time(2),
                row.optionalTime(3),
                row.flag(4),
                new RowCipher.Sealed(row.text(5), row.bytes(6)));
    }
}
