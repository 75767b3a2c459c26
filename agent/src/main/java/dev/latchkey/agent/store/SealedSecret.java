package dev.latchkey.agent.store;

import dev.latchkey.agent.crypto.AssociatedData;
import dev.latchkey.agent.secret.FoundSecret;
import dev.latchkey.agent.secret.Lookup;
import dev.latchkey.agent.secret.Scope;
import dev.latchkey.agent.secret.SecretPath;
import dev.latchkey.agent.secret.SecretValue;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A row that may be opened, as often as anybody likes: it holds ciphertext, never a value. Any thread. */
final class SealedSecret implements FoundSecret {
    private final SecretPath path;
    private final StoredRow row;
    private final RowCipher cipher;
    private final String version;
    private final Lookup.Found found = new Lookup.Found(this);
    private volatile @Nullable AssociatedData bound;

    SealedSecret(SecretPath path, StoredRow row, RowCipher cipher) {
        this.path = path;
        this.row = row;
        this.cipher = cipher;
        this.version = Long.toString(row.number());
    }

    StoredRow row() {
        return row;
    }

    /** As an answer. */
    Lookup.Found found() {
        return found;
    }

    @Override
    public String version() {
        return version;
    }

    @Override
    public Optional<Instant> created() {
        return Optional.of(row.created());
    }

    @Override
    public Optional<Integer> size() {
        return Optional.of(row.sealed().size());
    }

    @Override
    public Set<Scope> scopes() {
        return row.scopes();
    }

    @Override
    public SecretValue open() {
        return cipher.open(path, row.number(), row.sealed());
    }

    @Override
    public void openInto(ByteBuffer to) {
        AssociatedData known = bound;
        if (known == null) {
            known = cipher.bound(path, row.number(), row.sealed());
            bound = known;
        }
        cipher.openInto(path, row.number(), row.sealed(), known, to);
    }

    @Override
    public void close() {
        // Nothing is held: the ciphertext is the collector's, the value its opener's.
    }
}
