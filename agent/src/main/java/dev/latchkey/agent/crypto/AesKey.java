package dev.latchkey.agent.crypto;

import java.security.SecureRandom;
import java.util.Arrays;
import javax.crypto.SecretKey;

/**
 * 256 bits of key that can be wiped, which the JDK's own {@code SecretKeySpec} cannot.
 *
 * <p>SECURITY: no text form and no serialization of the bytes.
 */
public final class AesKey implements SecretKey, AutoCloseable {
    public static final int BYTES = 32;

    private final transient byte[] bytes;
    private volatile boolean wiped;

    private AesKey(byte[] bytes) {
        if (bytes.length != BYTES) {
            throw new IllegalStateException("a key of " + bytes.length + " bytes");
        }
        this.bytes = bytes;
    }

    /** Takes the array itself: the caller must not keep it. */
    public static AesKey owning(byte[] bytes) {
        return new AesKey(bytes);
    }

    public static AesKey random(SecureRandom random) {
        byte[] bytes = new byte[BYTES];
        random.nextBytes(bytes);
        return new AesKey(bytes);
    }

    @Override
    public String getAlgorithm() {
        return "AES";
    }

    @Override
    public String getFormat() {
        return "RAW";
    }

    /** A copy. SECURITY: the caller's to wipe. */
    @Override
    public byte[] getEncoded() {
        if (wiped) {
            throw new IllegalStateException("a key was used after it was wiped");
        }
        return bytes.clone();
    }

    @Override
    public void destroy() {
        wiped = true;
        Arrays.fill(bytes, (byte) 0);
    }

    @Override
    public boolean isDestroyed() {
        return wiped;
    }

    @Override
    public void close() {
        destroy();
    }

    @Override
    public String toString() {
        return "[redacted]";
    }
}
