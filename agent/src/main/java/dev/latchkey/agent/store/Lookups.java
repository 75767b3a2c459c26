package dev.latchkey.agent.store;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.secret.FoundSecret;
import dev.latchkey.agent.secret.Lookup;
import dev.latchkey.agent.secret.Scope;
import dev.latchkey.agent.secret.SecretPath;
import dev.latchkey.agent.secret.SecretValue;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/**
 * The hot path: from a name to a version that is ready to be opened. One statement where there is something to serve; only a refusal
 * costs more, for it says why.
 */
final class Lookups {
    private static final String ROW = """
            SELECT v.number, v.created, v.expires, v.disabled, v.data_key, v.sealed, s.scopes
            FROM project p
            JOIN environment e ON e.project = p.id AND e.name = ?
            JOIN secret s ON s.environment = e.id AND s.name = ?
            JOIN version v ON v.secret = s.id
            WHERE p.name = ? AND s.deleted IS NULL""";
    private static final String CURRENT = ROW + " AND v.disabled = 0 ORDER BY v.number DESC LIMIT 1";
    private static final String PINNED = ROW + " AND v.number = ?";

    private final Clock clock;
    private final RowCipher cipher;

    Lookups(Clock clock, RowCipher cipher) {
        this.clock = clock;
        this.cipher = cipher;
    }

    Lookup find(Database database, SecretPath path, Optional<Long> version) {
        return database.read(session -> served(session, path, version))
                .orElseGet(() -> database.readAsOne(session -> servedOrWhyNot(session, path, version)));
    }

    private Optional<Lookup> served(Session session, SecretPath path, Optional<Long> version) throws SQLException {
        String environment = path.environment().text();
        String name = path.name().text();
        String project = path.project().text();
        Session.Mapper<Lookup> mapper = row -> judged(path, row);
        return version.isPresent()
                ? session.first(PINNED, mapper, environment, name, project, version.get())
                : session.first(CURRENT, mapper, environment, name, project);
    }

    private Lookup judged(SecretPath path, Row row) throws SQLException {
        long number = row.number(1);
        Optional<Instant> expires = row.optionalTime(3);
        if (row.flag(4)) {
            return new Lookup.Absent(Refusals.disabled(path, number));
        }
        if (hasExpired(expires, clock.instant())) {
            return new Lookup.Absent(Refusals.expired(path, number, expires.orElseThrow()));
        }
        RowCipher.Sealed sealed = new RowCipher.Sealed(row.text(5), row.bytes(6));
        return new Lookup.Found(new SealedSecret(path, number, row.time(2), Scopes.split(row.text(7)), sealed));
    }

    static boolean hasExpired(Optional<Instant> expires, Instant now) {
        return expires.isPresent() && !now.isBefore(expires.get());
    }

    /** Looks again, because it may have been made meanwhile, and otherwise says what is missing. */
    private Lookup servedOrWhyNot(Session session, SecretPath path, Optional<Long> version) throws SQLException {
        Optional<Lookup> served = served(session, path, version);
        return served.isPresent() ? served.get() : new Lookup.Absent(whyNot(session, path, version));
    }

    private static Failure whyNot(Session session, SecretPath path, Optional<Long> version) throws SQLException {
        try {
            SecretRow secret = SecretRow.find(session, path).orElse(null);
            if (secret == null) {
                return Refusals.notFound(path);
            }
            if (secret.deleted().isPresent()) {
                return Refusals.deleted(path, secret.deleted().get());
            }
            Optional<Long> newest = VersionRow.newest(session, secret).map(VersionRow::number);
            if (version.isPresent()) {
                return Refusals.versionNotFound(path, version.get(), newest);
            }
            return newest.isPresent() ? Refusals.allDisabled(path) : Refusals.noVersion(path);
        } catch (AgentException e) {
            return e.failure();
        }
    }

    /** A version as it lies in the store. */
    private final class SealedSecret implements FoundSecret {
        private final SecretPath path;
        private final long number;
        private final Instant created;
        private final Set<Scope> scopes;
        private final RowCipher.Sealed sealed;

        SealedSecret(SecretPath path, long number, Instant created, Set<Scope> scopes, RowCipher.Sealed sealed) {
            this.path = path;
            this.number = number;
            this.created = created;
            this.scopes = Set.copyOf(scopes);
            this.sealed = sealed;
        }

        @Override
        public String version() {
            return Long.toString(number);
        }

        @Override
        public Optional<Instant> created() {
            return Optional.of(created);
        }

        @Override
        public Optional<Integer> size() {
            return Optional.of(sealed.size());
        }

        @Override
        public Set<Scope> scopes() {
            return scopes;
        }

        @Override
        public SecretValue open() {
            return cipher.open(path, number, sealed);
        }

        @Override
        public void close() {
            // Nothing is held: the ciphertext is the collector's, the value its opener's.
        }
    }
}
