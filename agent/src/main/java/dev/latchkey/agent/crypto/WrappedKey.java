package dev.latchkey.agent.crypto;

/**
 * A key as it is kept: encrypted by a KEK. Belongs to whoever made it, who must not change the bytes.
 *
 * @param kek the id of that KEK
 */
@SuppressWarnings("ArrayRecordComponent") // never compared; a copy for each access would buy nothing
public record WrappedKey(String kek, byte[] bytes) {}
