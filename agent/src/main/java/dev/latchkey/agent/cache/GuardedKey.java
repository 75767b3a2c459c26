package dev.latchkey.agent.cache;

import dev.latchkey.agent.crypto.AesKey;
import dev.latchkey.agent.crypto.AuthenticationException;
import dev.latchkey.agent.crypto.BatchingKey;
import dev.latchkey.agent.crypto.KeyContext;
import dev.latchkey.agent.crypto.KeyEncryptionKey;
import dev.latchkey.agent.crypto.RemoteKey;
import dev.latchkey.agent.crypto.WrappedKey;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.FailureKind;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** A KEK of a key service, asked through its guard. What only the service does with its keys is left to it. */
public final class GuardedKey implements KeyEncryptionKey {
    private final RemoteKey key;
    private final Guard guard;

    public GuardedKey(RemoteKey key, Guard guard) {
        this.key = key;
        this.guard = guard;
    }

    @Override
    public String kind() {
        return key.kind();
    }

    @Override
    public String where() {
        return key.where();
    }

    @Override
    public boolean isRemote() {
        return true;
    }

    @Override
    public List<Generation> generations() {
        return guard.call(key::generations);
    }

    @Override
    public void create() {
        throw new AgentException(
                FailureKind.STATE_UNUSABLE,
                key.kind() + " " + key.where() + " is not there",
                "make the key in its service, or name another in the configuration; the agent makes none there");
    }

    @Override
    public WrappedKey wrap(byte[] bytes, KeyContext context) {
        return guard.call(within -> key.wrap(bytes, context, within));
    }

    @Override
    public byte[] unwrap(WrappedKey wrapped, KeyContext context) throws AuthenticationException {
        Optional<byte[]> plain = guard.call(within -> {
            try {
                return Optional.of(sized(key.unwrap(wrapped, context, within)));
            } catch (AuthenticationException e) {
                return Optional.empty();
            }
        });
        return plain.orElseThrow(AuthenticationException::new);
    }

    @Override
    public int most() {
        return key instanceof BatchingKey batching ? batching.most() : 1;
    }

    @Override
    public List<WrappedKey> wrapAll(List<ToWrap> keys) {
        return key instanceof BatchingKey batching
                ? guard.call(within -> batching.wrapAll(keys, within))
                : KeyEncryptionKey.super.wrapAll(keys);
    }

    @Override
    public List<Optional<byte[]>> unwrapAll(List<ToUnwrap> keys) {
        return key instanceof BatchingKey batching
                ? guard.call(within -> sized(batching.unwrapAll(keys, within)))
                : KeyEncryptionKey.super.unwrapAll(keys);
    }

    private List<Optional<byte[]>> sized(List<Optional<byte[]>> all) {
        boolean fit = false;
        try {
            all.forEach(plain -> plain.ifPresent(this::sized));
            fit = true;
            return all;
        } finally {
            if (!fit) {
                all.forEach(plain -> plain.ifPresent(bytes -> Arrays.fill(bytes, (byte) 0)));
            }
        }
    }

    private byte[] sized(byte[] plain) {
        if (plain.length != AesKey.BYTES) {
            Arrays.fill(plain, (byte) 0);
            throw new AgentException(
                    FailureKind.PROVIDER_MALFORMED,
                    key.kind() + " " + key.where() + " answers with what is no data key");
        }
        return plain;
    }

    /** Its service makes new versions of it; we wrap under the newest. */
    @Override
    public boolean canRotate() {
        return false;
    }

    @Override
    public void addGeneration() {
        throw new IllegalStateException("only its service rotates " + where());
    }

    @Override
    public void dropOldGenerations() {
        // They are the service's, which may need them for others.
    }

    @Override
    public boolean canExport() {
        return false;
    }

    @Override
    public void export(Path to) {
        throw new IllegalStateException("no service gives a key away");
    }

    @Override
    public void close() {
        key.close();
    }
}
