package dev.latchkey.agent.crypto;

import dev.latchkey.agent.failure.AgentException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A key that encrypts data keys and never leaves the place where it is kept. It may hold several generations while it is
 * rotated: it wraps under the newest and unwraps under any.
 *
 * <p>Methods may block, and throw {@link AgentException} of kind {@code STATE_UNUSABLE} where the key is there but cannot
 * be used as it is; a remote one's also as {@link RemoteKey} says.
 */
public interface KeyEncryptionKey {
    /** As in the configuration: {@code file}. */
    String kind();

    /** Names it for an operator: a path, an ARN. */
    String where();

    /** Whether a service keeps it, so that it can be away for a while and is asked as seldom as can be. */
    boolean isRemote();

    /**
     * The newest first; empty if the key is not there.
     *
     * @throws AgentException if a remote one cannot be asked, or may not be
     */
    List<Generation> generations();

    /** Makes the key where there is none; {@code STATE_UNUSABLE} where only its keeper can. */
    void create();

    /** Wraps under the newest generation. The key bytes stay the caller's. */
    WrappedKey wrap(byte[] key, KeyContext context);

    /**
     * Unwraps under the generation that wrapped it.
     *
     * @return the caller's to wipe
     * @throws AuthenticationException if this key did not wrap it, or not for this context
     */
    byte[] unwrap(WrappedKey wrapped, KeyContext context) throws AuthenticationException;

    /** How many keys {@link #wrapAll} and {@link #unwrapAll} take at once: one, unless whoever keeps it takes several in one request. */
    default int most() {
        return 1;
    }

    /**
     * The same as {@link #wrap} of each, in their order, or of none.
     *
     * @param keys {@link #most} or fewer
     */
    default List<WrappedKey> wrapAll(List<ToWrap> keys) {
        return keys.stream().map(each -> wrap(each.key(), each.context())).toList();
    }

    /**
     * The same as {@link #unwrap} of each, in their order; empty for one that this key did not wrap, or not for its context.
     *
     * @param keys {@link #most} or fewer
     * @return the caller's to wipe
     */
    default List<Optional<byte[]>> unwrapAll(List<ToUnwrap> keys) {
        List<Optional<byte[]>> plain = new ArrayList<>();
        for (ToUnwrap each : keys) {
            try {
                plain.add(Optional.of(unwrap(each.wrapped(), each.context())));
            } catch (AuthenticationException e) {
                plain.add(Optional.empty());
            }
        }
        return plain;
    }

    /** Whether {@link #addGeneration} can work here; a key file that was mounted read-only cannot be rotated by us. */
    boolean canRotate();

    /** Makes a new generation and keeps the others. */
    void addGeneration();

    /** Destroys all generations but the newest, where we keep them. */
    void dropOldGenerations();

    /** Whether {@link #export} can work: it does for a key that we hold ourselves. */
    boolean canExport();

    /**
     * Writes a copy, for its owner only, to a path where nothing is yet.
     *
     * @throws AgentException of kind {@code ALREADY_EXISTS}
     */
    void export(Path to);

    /** Wipes what let it in to its service, and keeps that up no more; whoever uses it after that logs in again. Does not throw. */
    default void close() {}

    /** A key that is to be wrapped; its bytes stay whose they are. */
    @SuppressWarnings("ArrayRecordComponent") // never compared, and never copied: it has to be wiped
    record ToWrap(byte[] key, KeyContext context) {}

    /** A key that is to be unwrapped. */
    record ToUnwrap(WrappedKey wrapped, KeyContext context) {}

    /**
     * One generation.
     *
     * @param id derived from the key, so that equal ids mean equal keys
     * @param since when it was made
     */
    record Generation(String id, Instant since) {}
}
