package dev.latchkey.agent.store;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.secret.OnExisting;
import dev.latchkey.agent.secret.SecretPath;
import dev.latchkey.agent.secret.SecretStore.Details;
import dev.latchkey.agent.secret.SecretStore.Imported;
import dev.latchkey.agent.secret.SecretStore.Written;
import dev.latchkey.agent.secret.SecretStore.Written.Effect;
import dev.latchkey.agent.secret.SecretValue;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Optional;

/** Writing values: each becomes a version, unless it is the one that is served already. */
final class Values {
    private final Secrets secrets;
    private final RowCipher cipher;

    Values(Secrets secrets, RowCipher cipher) {
        this.secrets = secrets;
        this.cipher = cipher;
    }

    Written put(Session session, SecretPath path, SecretValue value, Details details, Optional<Instant> expires)
            throws SQLException {
        Secrets.requireValid(details);
        Optional<Instant> until = expires.map(Secrets::validTime);
        Optional<SecretRow> known = SecretRow.find(session, path);
        SecretRow secret = known.isPresent() ? known.get() : secrets.create(session, path);
        secrets.setDetails(session, secret, details);
        if (known.isEmpty()) {
            return new Written(add(session, secret, value, until), Effect.CREATED);
        }
        if (secret.deleted().isPresent()) {
            secrets.revive(session, secret);
            return new Written(write(session, secret, value, until).version(), Effect.REVIVED);
        }
        return write(session, secret, value, until);
    }

    Imported importValue(Session session, SecretPath path, SecretValue value, OnExisting onExisting)
            throws SQLException {
        Imported would = wouldImport(session, path, value, onExisting);
        return switch (would.outcome()) {
            case UNCHANGED, SKIPPED, EXISTS -> would;
            case CREATED, ADDED, REVIVED ->
                new Imported(
                        Optional.of(put(session, path, value, Details.NONE, Optional.empty())
                                .version()),
                        would.outcome());
        };
    }

    /** What importing the value would do; writes nothing. */
    Imported wouldImport(Session session, SecretPath path, SecretValue value, OnExisting onExisting)
            throws SQLException {
        Optional<SecretRow> known = SecretRow.find(session, path);
        if (known.isEmpty()) {
            Secrets.requireAllowed(session, path);
            return new Imported(Optional.empty(), Imported.Outcome.CREATED);
        }
        SecretRow secret = known.get();
        boolean deleted = secret.deleted().isPresent();
        Optional<VersionRow> same = deleted ? Optional.empty() : served(session, secret, value, false);
        if (same.isPresent()) {
            return new Imported(same.map(VersionRow::number), Imported.Outcome.UNCHANGED);
        }
        Optional<Long> current =
                deleted ? Optional.empty() : VersionRow.current(session, secret).map(VersionRow::number);
        return switch (onExisting) {
            case SKIP -> new Imported(current, Imported.Outcome.SKIPPED);
            case FAIL -> new Imported(current, Imported.Outcome.EXISTS);
            case NEW_VERSION ->
                new Imported(Optional.empty(), deleted ? Imported.Outcome.REVIVED : Imported.Outcome.ADDED);
        };
    }

    Written rotate(Session session, SecretPath path, SecretValue value) throws SQLException {
        return write(session, secrets.live(session, path), value, Optional.empty());
    }

    /** The new version expires when the old one would have: the bytes are no younger for being current again. */
    Written rollback(Session session, SecretPath path, long version) throws SQLException {
        SecretRow secret = secrets.live(session, path);
        Optional<VersionRow> found = VersionRow.find(session, secret, version);
        if (found.isEmpty()) {
            throw Secrets.noSuchVersion(session, secret, version);
        }
        VersionRow old = found.get();
        if (old.disabled()) {
            throw Refusals.named(path, Refusals.disabled(path, version));
        }
        if (Lookups.hasExpired(old.expires(), secrets.now())) {
            throw Refusals.named(
                    path, Refusals.expired(path, version, old.expires().orElseThrow()));
        }
        try (SecretValue value = cipher.open(path, version, old.sealed())) {
            return write(session, secret, value, old.expires());
        }
    }

    private Written write(Session session, SecretRow secret, SecretValue value, Optional<Instant> expires)
            throws SQLException {
        Optional<VersionRow> served = served(session, secret, value, expires.isPresent());
        if (served.isPresent()) {
            if (expires.isPresent()) {
                secrets.setExpiry(session, secret, expires);
            }
            secrets.touch(session, secret);
            return new Written(served.get().number(), Effect.UNCHANGED);
        }
        return new Written(add(session, secret, value, expires), Effect.ADDED);
    }

    /**
     * The current version if it holds this value and may be served; an expired one may only if it is about to get a new expiry. A disabled
     * one may not, so the same bytes become a new version: whoever stores them now means them to be served.
     */
    private Optional<VersionRow> served(Session session, SecretRow secret, SecretValue value, boolean renewed)
            throws SQLException {
        return VersionRow.current(session, secret)
                .filter(current -> !current.disabled())
                .filter(current -> renewed || !Lookups.hasExpired(current.expires(), secrets.now()))
                .filter(current -> holds(secret.path(), current, value));
    }

    private boolean holds(SecretPath path, VersionRow version, SecretValue value) {
        if (version.sealed().size() != value.size()) {
            return false;
        }
        try (SecretValue present = cipher.open(path, version.number(), version.sealed())) {
            return present.sameAs(value);
        } catch (AgentException e) {
            if (e.kind() == FailureKind.DECRYPTION_FAILED) {
                // A damaged version holds nothing; a new value is how an operator repairs the secret.
                return false;
            }
            throw e;
        }
    }

    private long add(Session session, SecretRow secret, SecretValue value, Optional<Instant> expires)
            throws SQLException {
        long number = secret.nextVersion();
        RowCipher.Sealed sealed = cipher.seal(session, secret.path(), number, value);
        session.update("UPDATE secret SET next_version = next_version + 1 WHERE id = ?", secret.id());
        session.update("""
                INSERT INTO version (secret, number, created, expires, disabled, data_key, sealed)
                VALUES (?, ?, ?, ?, 0, ?, ?)""", secret.id(), number, secrets.now(), expires, sealed.key(), sealed.bytes());
        secrets.touch(session, secret);
        return number;
    }
}
