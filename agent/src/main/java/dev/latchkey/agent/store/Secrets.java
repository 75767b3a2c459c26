package dev.latchkey.agent.store;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.secret.Namespace;
import dev.latchkey.agent.secret.NamingRule;
import dev.latchkey.agent.secret.Secret;
import dev.latchkey.agent.secret.SecretPath;
import dev.latchkey.agent.secret.SecretStore.Details;
import dev.latchkey.agent.secret.SecretStore.Expiry;
import dev.latchkey.agent.secret.SecretVersion;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Secrets as things with a name and details, each method within a session of its caller. */
final class Secrets {
    private static final Instant LAST_TIME = Instant.parse("9999-12-31T23:59:59Z");
    private static final int MAX_SCOPES = 64;

    private final Clock clock;

    Secrets(Clock clock) {
        this.clock = clock;
    }

    List<Secret> list(Session session, Namespace namespace) throws SQLException {
        List<Secret> all = new ArrayList<>();
        for (SecretRow row : SecretRow.list(session, namespace)) {
            all.add(described(session, row));
        }
        return all;
    }

    Secret show(Session session, SecretPath path) throws SQLException {
        return described(session, there(session, path));
    }

    private static Secret described(Session session, SecretRow row) throws SQLException {
        String sql = "SELECT number, expires, disabled FROM version WHERE secret = ? ORDER BY number DESC LIMIT 1";
        record Current(long number, Optional<Instant> expires, boolean disabled) {}
        Optional<Current> current =
                session.first(sql, r -> new Current(r.number(1), r.optionalTime(2), r.flag(3)), row.id());
        return new Secret(
                row.path(),
                current.map(Current::number),
                current.map(Current::disabled).orElse(false),
                row.created(),
                row.updated(),
                current.flatMap(Current::expires),
                row.deleted(),
                Scopes.split(row.scopes()),
                row.description());
    }

    List<SecretVersion> versions(Session session, SecretPath path) throws SQLException {
        SecretRow secret = there(session, path);
        Optional<Long> current = VersionRow.current(session, secret).map(VersionRow::number);
        return VersionRow.list(session, secret).stream()
                .map(version -> version.toVersion(current.equals(Optional.of(version.number()))))
                .toList();
    }

    /** The row, whether deleted or not. */
    SecretRow there(Session session, SecretPath path) throws SQLException {
        return SecretRow.find(session, path).orElseThrow(() -> Refusals.named(path, Refusals.notFound(path)));
    }

    /** The row, unless deleted. */
    SecretRow live(Session session, SecretPath path) throws SQLException {
        SecretRow row = there(session, path);
        if (row.deleted().isPresent()) {
            throw Refusals.named(path, Refusals.deleted(path, row.deleted().get()));
        }
        return row;
    }

    /** Makes the row of a new name, which goes on counting where a purged one of that name ended. */
    SecretRow create(Session session, SecretPath path) throws SQLException {
        requireAllowed(session, path);
        Instant now = now();
        long next = session.first(
                        "DELETE FROM retired WHERE path = ? RETURNING next_version", r -> r.number(1), path.toString())
                .orElse(1L);
        session.update(
                """
                INSERT INTO secret (environment, name, next_version, created, updated, scopes)
                VALUES (?, ?, ?, ?, ?, '')""",
                Projects.environmentId(session, path.namespace()),
                path.name().text(),
                next,
                now,
                now);
        return there(session, path);
    }

    static void requireAllowed(Session session, SecretPath path) throws SQLException {
        Projects.environmentId(session, path.namespace());
        NamingRule rule = NamingRule.parse(session.first(
                        "SELECT naming FROM project WHERE name = ?",
                        row -> row.text(1),
                        path.project().text())
                .orElseThrow(() -> new AgentException(Refusals.unknownProject(path.project()))));
        if (!rule.allows(path.name())) {
            throw new AgentException(
                    FailureKind.BAD_NAME,
                    path.name() + ": not a name for a secret of project " + path.project(),
                    "its naming rule is " + rule.text() + ": " + rule.words());
        }
    }

    void set(Session session, SecretPath path, Details details, Optional<Expiry> expires) throws SQLException {
        requireValid(details);
        SecretRow secret = live(session, path);
        setDetails(session, secret, details);
        if (expires.isPresent()) {
            Optional<Instant> time = switch (expires.get()) {
                case Expiry.At at -> Optional.of(validTime(at.time()));
                case Expiry.Never() -> Optional.empty();
            };
            setExpiry(session, secret, time);
        }
        touch(session, secret);
    }

    void setExpiry(Session session, SecretRow secret, Optional<Instant> time) throws SQLException {
        VersionRow current = VersionRow.current(session, secret)
                .orElseThrow(() -> Refusals.named(secret.path(), Refusals.noVersion(secret.path())));
        session.update(
                "UPDATE version SET expires = ? WHERE secret = ? AND number = ?", time, secret.id(), current.number());
    }

    void setDetails(Session session, SecretRow secret, Details details) throws SQLException {
        if (details.description().isPresent()) {
            // An empty description is none.
            Optional<String> text = details.description().filter(t -> !t.isEmpty());
            session.update("UPDATE secret SET description = ? WHERE id = ?", text, secret.id());
        }
        if (details.scopes().isPresent()) {
            String scopes = Scopes.join(details.scopes().get());
            session.update("UPDATE secret SET scopes = ? WHERE id = ?", scopes, secret.id());
        }
    }

    static void requireValid(Details details) {
        String description = details.description().orElse("");
        if (description.codePointCount(0, description.length()) > Details.MAX_DESCRIPTION) {
            throw new AgentException(
                    FailureKind.BAD_ARGUMENT,
                    "a description of more than " + Details.MAX_DESCRIPTION + " characters",
                    "keep what is longer elsewhere and describe where");
        }
        if (details.scopes().isPresent() && details.scopes().get().size() > MAX_SCOPES) {
            throw new AgentException(FailureKind.BAD_ARGUMENT, "more than " + MAX_SCOPES + " scopes");
        }
    }

    /** Cuts to milliseconds, in which times are kept. */
    static Instant validTime(Instant time) {
        if (time.isBefore(Instant.EPOCH) || time.isAfter(LAST_TIME)) {
            throw new AgentException(
                    FailureKind.BAD_ARGUMENT,
                    "an expiry outside the years 1970 to 9999",
                    "--expires-in 90d, for example");
        }
        return time.truncatedTo(ChronoUnit.MILLIS);
    }

    void delete(Session session, SecretPath path) throws SQLException {
        SecretRow secret = live(session, path);
        session.update("UPDATE secret SET deleted = ? WHERE id = ?", now(), secret.id());
        touch(session, secret);
    }

    void restore(Session session, SecretPath path) throws SQLException {
        SecretRow secret = there(session, path);
        if (secret.deleted().isEmpty()) {
            throw Refusals.named(path, Refusals.notDeleted(path));
        }
        revive(session, secret);
        touch(session, secret);
    }

    void revive(Session session, SecretRow secret) throws SQLException {
        session.update("UPDATE secret SET deleted = NULL WHERE id = ?", secret.id());
    }

    void purge(Session session, SecretPath path, Optional<Long> version) throws SQLException {
        SecretRow secret = there(session, path);
        if (version.isPresent()) {
            purgeVersion(session, secret, version.get());
        } else {
            purgeAll(session, secret);
        }
    }

    private void purgeVersion(Session session, SecretRow secret, long version) throws SQLException {
        int gone = session.update("DELETE FROM version WHERE secret = ? AND number = ?", secret.id(), version);
        if (gone == 0) {
            throw noSuchVersion(session, secret, version);
        }
        touch(session, secret);
    }

    private static void purgeAll(Session session, SecretRow secret) throws SQLException {
        session.update("DELETE FROM version WHERE secret = ?", secret.id());
        session.update("DELETE FROM secret WHERE id = ?", secret.id());
        session.update(
                "INSERT INTO retired (path, next_version) VALUES (?, ?)",
                secret.path().toString(),
                secret.nextVersion());
    }

    /** Serves a version to nobody, or to everybody again; doing either twice is fine. */
    void disable(Session session, SecretPath path, long version, boolean disabled) throws SQLException {
        SecretRow secret = live(session, path);
        int changed = session.update(
                "UPDATE version SET disabled = ? WHERE secret = ? AND number = ?", disabled, secret.id(), version);
        if (changed == 0) {
            throw noSuchVersion(session, secret, version);
        }
        touch(session, secret);
    }

    static AgentException noSuchVersion(Session session, SecretRow secret, long version) throws SQLException {
        Optional<Long> newest = VersionRow.current(session, secret).map(VersionRow::number);
        return Refusals.named(secret.path(), Refusals.versionNotFound(secret.path(), version, newest));
    }

    void touch(Session session, SecretRow secret) throws SQLException {
        session.update("UPDATE secret SET updated = ? WHERE id = ?", now(), secret.id());
    }

    Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MILLIS);
    }
}
