package dev.latchkey.agent.sys;

import java.nio.ByteBuffer;

/**
 * AES-256-GCM. A sealed array is a nonce of 12 bytes, the ciphertext, which is as long as what was sealed, and a tag of 16 bytes.
 *
 * <p>A key is a direct buffer of 32 bytes, all of it whatever its position. No array may be given twice in one call.
 */
public final class CipherCalls {
    static {
        NativeLibrary.require();
    }

    private CipherCalls() {}

    /** Seals into an array that begins with the nonce; the rest of it is written. */
    public static void seal(ByteBuffer key, byte[] context, byte[] plain, byte[] sealed) {
        ErrnoException.check("aes-gcm seal", seal0(key, context, plain, sealed));
    }

    /** Seals what remains of a direct buffer, whose position stays. */
    public static void seal(ByteBuffer key, byte[] context, ByteBuffer plain, byte[] sealed) {
        int status = sealDirect0(key, context, plain, plain.position(), plain.remaining(), sealed);
        ErrnoException.check("aes-gcm seal", status);
    }

    /**
     * Opens into an array of exactly the length of what was sealed.
     *
     * @return whether it is authentic; if not, the array is zeroed
     */
    public static boolean open(ByteBuffer key, byte[] context, byte[] sealed, byte[] plain) {
        return ErrnoException.check("aes-gcm open", open0(key, context, sealed, plain)) == 1;
    }

    /**
     * Opens into what remains of a direct buffer, exactly the length of what was sealed. Its position stays.
     *
     * @return whether it is authentic; if not, what remains is zeroed
     */
    public static boolean open(ByteBuffer key, byte[] context, byte[] sealed, ByteBuffer plain) {
        int opened = openDirect0(key, context, sealed, plain, plain.position(), plain.remaining());
        return ErrnoException.check("aes-gcm open", opened) == 1;
    }

    private static native int seal0(ByteBuffer key, byte[] context, byte[] plain, byte[] sealed);

    private static native int sealDirect0(
            ByteBuffer key, byte[] context, ByteBuffer plain, int from, int bytes, byte[] sealed);

    private static native int open0(ByteBuffer key, byte[] context, byte[] sealed, byte[] plain);

    private static native int openDirect0(
            ByteBuffer key, byte[] context, byte[] sealed, ByteBuffer plain, int from, int bytes);
}
