package dev.latchkey.agent.store;

import dev.latchkey.agent.crypto.KeyEncryptionKey;
import dev.latchkey.agent.crypto.KeyEncryptionKey.Generation;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.secret.StoreCustody.Kek;
import dev.latchkey.agent.secret.StoreCustody.KeyStatus;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Looking after the keys: making them at the first start, opening the store with them, rotating and exporting them. */
final class Custody {
    private final Database database;
    private final Wrapping wrapping;
    private final StoreListener listener;

    Custody(Database database, Wrapping wrapping, StoreListener listener) {
        this.database = database;
        this.wrapping = wrapping;
        this.listener = listener;
    }

    /** For an empty database: keys that are not there are made. */
    void createKeys() {
        for (KeyEncryptionKey kek : wrapping.keks()) {
            if (kek.generations().isEmpty()) {
                create(kek);
            }
        }
    }

    /**
     * Opens the store and brings its wraps up to date: under keys that are new in the configuration, and under the newest generation
     * where a rotation was cut short.
     */
    Map<String, Keyring.Entry> open(Session session) throws SQLException {
        Map<String, Keyring.Entry> keys = wrapping.unwrapAll(session);
        for (KeyEncryptionKey kek : wrapping.keks()) {
            // SECURITY: a key that was there once is lost, not new; making another in its place would hide that.
            if (kek.generations().isEmpty() && Wrapping.knownId(session, kek).isEmpty()) {
                create(kek);
            }
        }
        wrapping.complete(session, keys);
        session.afterCommit(() -> wrapping.present().forEach(KeyEncryptionKey::dropOldGenerations));
        return keys;
    }

    private void create(KeyEncryptionKey kek) {
        kek.create();
        listener.keyCreated(kek.where());
    }

    KeyStatus status() {
        return database.readAsOne(session -> {
            List<Kek> keks = new ArrayList<>();
            for (KeyEncryptionKey kek : wrapping.keks()) {
                keks.add(describe(session, kek));
            }
            Instant since = wrapping.present().stream()
                    .map(kek -> kek.generations().getFirst().since())
                    .findFirst()
                    .orElse(Instant.EPOCH);
            return new KeyStatus(keks, session.number("SELECT count(*) FROM data_key"), since);
        });
    }

    private Kek describe(Session session, KeyEncryptionKey kek) throws SQLException {
        String known = Wrapping.knownId(session, kek).orElse("");
        Optional<Generation> newest = newest(kek);
        boolean usable = newest.isPresent() && wrapping.opens(session, kek);
        return new Kek(kek.kind(), newest.map(Generation::id).orElse(known), kek.where(), usable);
    }

    /** Nothing for a key that is not there, and for one that is there and was damaged since the start. */
    private static Optional<Generation> newest(KeyEncryptionKey kek) {
        try {
            return kek.generations().stream().findFirst();
        } catch (AgentException e) {
            return Optional.empty();
        }
    }

    /**
     * Three steps, each of which leaves a store that opens: a new generation beside the old one, every data key wrapped under
     * the new one, the old one dropped. One thread does all three, so that no two rotations interleave.
     */
    KeyStatus rotate(Keyring keyring) {
        database.write(session -> {
            List<KeyEncryptionKey> rotated = rotatable();
            rotated.forEach(KeyEncryptionKey::addGeneration);
            wrapping.complete(session, keyring.all());
            wrapping.forgetOthers(session);
            session.afterCommit(() -> rotated.forEach(KeyEncryptionKey::dropOldGenerations));
            return true;
        });
        return status();
    }

    private List<KeyEncryptionKey> rotatable() {
        for (KeyEncryptionKey kek : wrapping.keks()) {
            if (kek.generations().isEmpty()) {
                throw Unusable.state(
                        "keys cannot be rotated: " + kek.where() + " is not there",
                        "every data key is wrapped under all keys; bring it back, or take it out of the configuration");
            }
        }
        List<KeyEncryptionKey> can =
                wrapping.keks().stream().filter(KeyEncryptionKey::canRotate).toList();
        if (can.isEmpty()) {
            throw Unusable.state(
                    "keys cannot be rotated: the agent cannot write "
                            + wrapping.keks().getFirst().where(),
                    "rotate it where it is kept");
        }
        return can;
    }

    void export(Path to) {
        KeyEncryptionKey kek = wrapping.present().stream()
                .filter(KeyEncryptionKey::canExport)
                .findFirst()
                .orElseThrow(() ->
                        Unusable.state("no key of this store can be exported", "a key service never gives a key away"));
        kek.export(to);
    }
}
