package dev.latchkey.agent.store;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.secret.Lookup;
import dev.latchkey.agent.secret.SecretPath;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;

/**
 * The hot path: from a name to a version that is ready to be opened. What was served since the last write is at hand; otherwise it is one
 * statement where there is something to serve. Only a refusal costs more, for it says why.
 */
final class Lookups {
    private static final String ROW = """
            SELECT v.number, v.created, v.expires, v.disabled, v.data_key, v.sealed, s.scopes
            FROM project p
            JOIN environment e ON e.project = p.id AND e.name = ?
            JOIN secret s ON s.environment = e.id AND s.name = ?
            JOIN version v ON v.secret = s.id
            WHERE p.name = ? AND s.deleted IS NULL""";
    private static final String CURRENT = ROW + " ORDER BY v.number DESC LIMIT 1";
    private static final String PINNED = ROW + " AND v.number = ?";

    /** Bytes of a value that is opened in some microseconds. */
    private static final int SMALL = 4_096;

    private final Database database;
    private final Clock clock;
    private final RowCipher cipher;
    private final RecentRows recent;

    Lookups(Database database, Clock clock, RowCipher cipher) {
        this.database = database;
        this.clock = clock;
        this.cipher = cipher;
        this.recent = new RecentRows(database::writes);
    }

    Lookup find(SecretPath path, Optional<Long> version) {
        return recent.find(path, version, () -> database.read(session -> row(session, path, version)))
                .map(secret -> judged(path, version.isPresent(), secret))
                .orElseGet(() -> database.readAsOne(session -> servedOrWhyNot(session, path, version)));
    }

    boolean isAtHand(SecretPath path, Optional<Long> version) {
        return recent.known(path, version).filter(this::isAtHand).isPresent();
    }

    private boolean isAtHand(SealedSecret secret) {
        StoredRow row = secret.row();
        return row.sealed().size() <= SMALL && !row.disabled() && !hasExpired(row.expires(), clock);
    }

    private Optional<SealedSecret> row(Session session, SecretPath path, Optional<Long> version) throws SQLException {
        String environment = path.environment().text();
        String name = path.name().text();
        String project = path.project().text();
        Optional<StoredRow> row = version.isPresent()
                ? session.first(PINNED, Lookups::stored, environment, name, project, version.get())
                : session.first(CURRENT, Lookups::stored, environment, name, project);
        return row.map(there -> new SealedSecret(path, there, cipher));
    }

    private static StoredRow stored(Row row) throws SQLException {
        return new StoredRow(
                row.number(1),
                row.time(2),
                row.optionalTime(3),
                row.flag(4),
                new RowCipher.Sealed(row.text(5), row.bytes(6)),
                Scopes.split(row.text(7)));
    }

    /** SECURITY: a disabled current version is refused; serving an older one instead would bring back what was replaced. */
    private Lookup judged(SecretPath path, boolean pinned, SealedSecret secret) {
        StoredRow row = secret.row();
        if (row.disabled()) {
            return new Lookup.Absent(
                    pinned ? Refusals.disabled(path, row.number()) : Refusals.currentDisabled(path, row.number()),
                    row.scopes());
        }
        if (hasExpired(row.expires(), clock)) {
            return new Lookup.Absent(
                    Refusals.expired(path, row.number(), row.expires().orElseThrow()), row.scopes());
        }
        return secret.found();
    }

    private static boolean hasExpired(Optional<Instant> expires, Clock clock) {
        return expires.isPresent() && hasExpired(expires, clock.instant());
    }

    static boolean hasExpired(Optional<Instant> expires, Instant now) {
        return expires.isPresent() && !now.isBefore(expires.get());
    }

    /** Looks again, because it may have been made meanwhile, and otherwise says what is missing. */
    private Lookup servedOrWhyNot(Session session, SecretPath path, Optional<Long> version) throws SQLException {
        Optional<SealedSecret> secret = row(session, path, version);
        return secret.isPresent() ? judged(path, version.isPresent(), secret.get()) : whyNot(session, path, version);
    }

    private static Lookup.Absent whyNot(Session session, SecretPath path, Optional<Long> version) throws SQLException {
        try {
            SecretRow secret = SecretRow.find(session, path).orElse(null);
            if (secret == null) {
                return new Lookup.Absent(Refusals.notFound(path));
            }
            if (secret.deleted().isPresent()) {
                // SECURITY: a rule without its scopes must not learn that it was there.
                return new Lookup.Absent(
                        secret.scopes().isEmpty()
                                ? Refusals.deleted(path, secret.deleted().get())
                                : Refusals.notFound(path));
            }
            Optional<Long> newest = VersionRow.current(session, secret).map(VersionRow::number);
            Failure failure = version.map(v -> Refusals.versionNotFound(path, v, newest))
                    .orElseGet(() -> Refusals.noVersion(path));
            return new Lookup.Absent(failure, Scopes.split(secret.scopes()));
        } catch (AgentException e) {
            return new Lookup.Absent(e.failure());
        }
    }
}
