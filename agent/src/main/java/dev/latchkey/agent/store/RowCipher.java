package dev.latchkey.agent.store;

import dev.latchkey.agent.crypto.AssociatedData;
import dev.latchkey.agent.crypto.AuthenticationException;
import dev.latchkey.agent.crypto.DataKey;
import dev.latchkey.agent.crypto.Envelope;
import dev.latchkey.agent.crypto.KeyMemory;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.memory.WipedSegment;
import dev.latchkey.agent.secret.SecretPath;
import dev.latchkey.agent.secret.SecretValue;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.sql.SQLException;

/** Seals and opens the value of one version, bound to everything that names it. */
final class RowCipher {
    private final Keyring keyring;
    private final KeyMemory memory;
    private final SecureRandom random;

    RowCipher(Keyring keyring, KeyMemory memory, SecureRandom random) {
        this.keyring = keyring;
        this.memory = memory;
        this.random = random;
    }

    /** What a row of values holds. */
    @SuppressWarnings("ArrayRecordComponent") // a carrier between two calls; never compared
    record Sealed(String key, byte[] bytes) {
        int size() {
            return Math.max(0, bytes.length - Envelope.OVERHEAD);
        }
    }

    /** Seals under the project's key, and counts it: a key seals only so often. */
    Sealed seal(Session session, SecretPath path, long version, SecretValue value) throws SQLException {
        String id = session.first(
                        "SELECT k.id FROM data_key k JOIN project p ON p.id = k.project WHERE p.name = ?",
                        row -> row.text(1),
                        path.project().text())
                .orElseThrow(() -> new SQLException("a project without a data key"));
        if (session.update("UPDATE data_key SET seals = seals + 1 WHERE id = ? AND seals < ?", id, DataKey.MAX_SEALS)
                == 0) {
            throw Unusable.state(
                    "the data key of project " + path.project() + " has sealed as many values as it may",
                    "make another project for further secrets");
        }
        Keyring.Entry entry = keyring.find(id).orElseThrow(() -> new IllegalStateException("no data key " + id));
        return new Sealed(
                id, value.lend(plain -> entry.key().seal(context(entry.store(), path, version), plain, random)));
    }

    /**
     * @throws AgentException of kind {@code DECRYPTION_FAILED}
     */
    SecretValue open(SecretPath path, long version, Sealed sealed) {
        return open(path, version, sealed, entry(path, version, sealed), memory);
    }

    /**
     * Opens into what remains of a direct buffer, which must be exactly the size of the value. If it throws, zeroes are left there.
     *
     * @param bound what {@link #bound} says of the same
     * @throws AgentException of kind {@code DECRYPTION_FAILED}
     */
    void openInto(SecretPath path, long version, Sealed sealed, AssociatedData bound, ByteBuffer to) {
        openInto(path, version, sealed, entry(path, version, sealed), bound, to);
    }

    private static void openInto(
            SecretPath path, long version, Sealed sealed, Keyring.Entry entry, AssociatedData bound, ByteBuffer to) {
        try {
            entry.key().openInto(bound, sealed.bytes(), to);
        } catch (AuthenticationException e) {
            throw new AgentException(Refusals.notAuthentic(path, version), e);
        }
    }

    private Keyring.Entry entry(SecretPath path, long version, Sealed sealed) {
        return keyring.find(sealed.key())
                .orElseThrow(() -> new AgentException(
                        FailureKind.DECRYPTION_FAILED,
                        "decryption failed: " + path + "@" + version + " is under an unknown data key"));
    }

    /** SECURITY: outside the heap, because a value may stay open as long as a transaction takes. */
    static SecretValue open(SecretPath path, long version, Sealed sealed, Keyring.Entry entry, KeyMemory memory) {
        WipedSegment segment = memory.allocate(sealed.size());
        boolean opened = false;
        try {
            openInto(path, version, sealed, entry, bound(entry, path, version), segment.buffer());
            opened = true;
            return SecretValue.outsideHeap(segment.buffer(), segment::close);
        } finally {
            if (!opened) {
                segment.close();
            }
        }
    }

    /**
     * What the value is bound to.
     *
     * @throws AgentException of kind {@code DECRYPTION_FAILED}
     */
    AssociatedData bound(SecretPath path, long version, Sealed sealed) {
        return bound(entry(path, version, sealed), path, version);
    }

    private static AssociatedData bound(Keyring.Entry entry, SecretPath path, long version) {
        return entry.key().bind(context(entry.store(), path, version));
    }

    private static AssociatedData context(String store, SecretPath path, long version) {
        return AssociatedData.of("latchkey value 1")
                .with(store)
                .with(path.project().text())
                .with(path.environment().text())
                .with(path.name().text())
                .with(version);
    }
}
