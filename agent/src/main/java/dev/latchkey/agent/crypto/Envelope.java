package dev.latchkey.agent.crypto;

import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;

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

    /** Seals under a nonce that was never used with this key, or all is lost. */
    static byte[] seal(AesKey key, AssociatedData context, byte[] plain, byte[] nonce) {
        byte[] sealed = Arrays.copyOf(nonce, OVERHEAD + plain.length);
        try {
            Cipher cipher = cipher(Cipher.ENCRYPT_MODE, key, context, nonce);
            cipher.doFinal(plain, 0, plain.length, sealed, NONCE_BYTES);
            return sealed;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES-GCM cannot seal", e);
        }
    }

    /**
     * Opens what {@link #seal} made.
     *
     * @return exactly sized, the caller's to wipe
     * @throws AuthenticationException if it was changed, or sealed for another context or under another key
     */
    public static byte[] open(AesKey key, AssociatedData context, byte[] sealed) throws AuthenticationException {
        if (sealed.length < OVERHEAD) {
            throw new AuthenticationException();
        }
        // SECURITY: exactly sized, or the cipher works in a copy that nobody wipes.
        byte[] plain = new byte[sealed.length - OVERHEAD];
        try {
            Cipher cipher = cipher(Cipher.DECRYPT_MODE, key, context, Arrays.copyOf(sealed, NONCE_BYTES));
            cipher.doFinal(sealed, NONCE_BYTES, sealed.length - NONCE_BYTES, plain, 0);
            return plain;
        } catch (AEADBadTagException e) {
            Arrays.fill(plain, (byte) 0);
            throw new AuthenticationException(e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES-GCM cannot open", e);
        }
    }

    private static Cipher cipher(int mode, AesKey key, AssociatedData context, byte[] nonce)
            throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, key, new GCMParameterSpec(TAG_BYTES * Byte.SIZE, nonce));
        cipher.updateAAD(context.toBytes());
        return cipher;
    }
}
