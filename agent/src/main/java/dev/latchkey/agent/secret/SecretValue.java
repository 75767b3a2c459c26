package dev.latchkey.agent.secret;

import java.security.MessageDigest;
import java.util.Arrays;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of one version, 0 to 1 MiB of them, in one exactly sized array that {@link #close} zeroes.
 *
 * <p>SECURITY: not a record, so that no accessor, text form or serialization of the bytes comes for free. It belongs to the
 * thread that made it.
 */
public final class SecretValue implements AutoCloseable {
    /** The largest value, in bytes. */
    public static final int MAX_BYTES = 1 << 20;

    private byte @Nullable [] bytes;

    private SecretValue(byte[] bytes) {
        if (bytes.length > MAX_BYTES) {
            throw new IllegalStateException("a value over " + MAX_BYTES + " bytes");
        }
        this.bytes = bytes;
    }

    /** Takes the array itself: the caller must not keep it. */
    public static SecretValue owning(byte[] bytes) {
        return new SecretValue(bytes);
    }

    public int size() {
        return live().length;
    }

    /**
     * Lends the bytes themselves for as long as the function runs. SECURITY: what it copies out is the borrower's to wipe.
     */
    public <T> T leak(Function<byte[], T> borrower) {
        return borrower.apply(live());
    }

    /** Compares in a time that tells nothing about the content. */
    public boolean sameAs(SecretValue other) {
        return MessageDigest.isEqual(live(), other.live());
    }

    @Override
    public void close() {
        if (bytes != null) {
            Arrays.fill(bytes, (byte) 0);
            bytes = null;
        }
    }

    @Override
    public String toString() {
        return "[redacted]";
    }

    private byte[] live() {
        if (bytes == null) {
            throw new IllegalStateException("a secret value was used after it was closed");
        }
        return bytes;
    }
}
