package dev.latchkey.agent.crypto.azure;

import dev.latchkey.agent.crypto.AuthenticationException;
import dev.latchkey.agent.crypto.KeyContext;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/**
 * What is wrapped: the number of this form, the SHA-256 of what the key is bound to, the key. It is so short that an RSA key of 2048 bits can wrap it, which
 * takes 190 bytes under RSA-OAEP-256.
 */
final class BoundKey {
    private static final byte FORM = 1;
    private static final int DIGEST_BYTES = 32;
    private static final int MOST_BYTES = 190;

    private BoundKey() {}

    /** The caller's to wipe. */
    static byte[] bound(byte[] key, KeyContext context) {
        int length = 1 + DIGEST_BYTES + key.length;
        if (length > MOST_BYTES) {
            throw new IllegalStateException("a key of " + key.length + " bytes");
        }
        return ByteBuffer.allocate(length)
                .put(FORM)
                .put(digest(context))
                .put(key)
                .array();
    }

    /**
     * @return the key, the caller's to wipe
     * @throws AuthenticationException if it is none, or bound to something else
     */
    static byte[] released(byte[] bound, KeyContext context) throws AuthenticationException {
        int head = 1 + DIGEST_BYTES;
        boolean whole = bound.length > head && bound[0] == FORM;
        if (!whole || !MessageDigest.isEqual(Arrays.copyOfRange(bound, 1, head), digest(context))) {
            throw new AuthenticationException();
        }
        return Arrays.copyOfRange(bound, head, bound.length);
    }

    private static byte[] digest(KeyContext context) {
        try {
            return MessageDigest.getInstance("SHA-256")
                    .digest(context.toAssociatedData().toBytes());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every runtime has SHA-256", e);
        }
    }
}
