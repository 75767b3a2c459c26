package dev.latchkey.agent.crypto;

import dev.latchkey.agent.sys.CipherCalls;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.Arrays;

/** AES-256-GCM: nonce, ciphertext and tag in one array. */
public final class Envelope {
    static final int NONCE_BYTES = 12;
    static final int TAG_BYTES = 16;

    /** By how much a sealed array is longer than what it holds. */
    public static final int OVERHEAD = NONCE_BYTES + TAG_BYTES;

    private Envelope() {}

    /** Seals under a random nonce: a key may do so at most {@link DataKey#MAX_SEALS} times. */
    public static byte[] seal(AesKey key, AssociatedData context, byte[] plain, SecureRandom random) {
        byte[] nonce = new byte[NONCE_BYTES];
        random.nextBytes(nonce);
        return seal(key, context, plain, nonce);
    }

    /** Seals what remains of a buffer, whose position stays, in the same way. */
    public static byte[] seal(AesKey key, AssociatedData context, ByteBuffer plain, SecureRandom random) {
        if (plain.hasArray() && plain.arrayOffset() == 0 && plain.remaining() == plain.array().length) {
            return seal(key, context, plain.array(), random);
        }
        byte[] nonce = new byte[NONCE_BYTES];
        random.nextBytes(nonce);
        byte[] sealed = Arrays.copyOf(nonce, OVERHEAD + plain.remaining());
        ByteBuffer bytes = key.begin();
        try {
            CipherCalls.seal(bytes, context.toBytes(), plain, sealed);
        } finally {
            key.end();
        }
        return sealed;
    }

    /** Seals under a nonce that was never used with this key, or all is lost. */
    static byte[] seal(AesKey key, AssociatedData context, byte[] plain, byte[] nonce) {
        byte[] sealed = Arrays.copyOf(nonce, OVERHEAD + plain.length);
        ByteBuffer bytes = key.begin();
        try {
            CipherCalls.seal(bytes, context.toBytes(), plain, sealed);
        } finally {
            key.end();
        }
        return sealed;
    }

    /**
     * Opens what {@link #seal} made.
     *
     * @return exactly sized, the caller's to wipe
     * @throws AuthenticationException if it was changed, or sealed for another context or under another key
     */
    public static byte[] open(AesKey key, AssociatedData context, byte[] sealed) throws AuthenticationException {
        byte[] plain = new byte[size(sealed)];
        ByteBuffer bytes = key.begin();
        try {
            require(CipherCalls.open(bytes, context.toBytes(), sealed, plain));
        } finally {
            key.end();
        }
        return plain;
    }

    /**
     * Opens it into what remains of a direct buffer, which must be exactly the size of what was sealed. If it throws, zeroes are left there.
     *
     * @throws AuthenticationException as {@link #open}
     */
    public static void openInto(AesKey key, AssociatedData context, byte[] sealed, ByteBuffer plain)
            throws AuthenticationException {
        if (size(sealed) != plain.remaining()) {
            throw new IllegalStateException("room for " + plain.remaining() + " bytes of " + size(sealed));
        }
        ByteBuffer bytes = key.begin();
        try {
            require(CipherCalls.open(bytes, context.toBytes(), sealed, plain));
        } finally {
            key.end();
        }
        plain.position(plain.limit());
    }

    private static int size(byte[] sealed) throws AuthenticationException {
        require(sealed.length >= OVERHEAD);
        return sealed.length - OVERHEAD;
    }

    private static void require(boolean authentic) throws AuthenticationException {
        if (!authentic) {
            throw new AuthenticationException();
        }
    }
}
