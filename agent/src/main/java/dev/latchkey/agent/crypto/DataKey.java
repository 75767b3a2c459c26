package dev.latchkey.agent.crypto;

import java.nio.ByteBuffer;
import java.security.SecureRandom;

/** The key under which the values of one project are sealed, with its id. */
public final class DataKey implements AutoCloseable {
    /**
     * How often one key may seal: with so many random 96-bit nonces the chance that any two are equal is below 2^-32
     * (NIST SP 800-38D, section 8.3).
     */
    public static final long MAX_SEALS = 1L << 32;

    private final String id;
    private final AesKey key;

    public DataKey(String id, AesKey key) {
        this.id = id;
        this.key = key;
    }

    public String id() {
        return id;
    }

    /** What is sealed under this key in that context is bound to: the key's id becomes part of it. */
    public AssociatedData bind(AssociatedData context) {
        return context.with(id).complete();
    }

    public byte[] seal(AssociatedData context, ByteBuffer plain, SecureRandom random) {
        return Envelope.seal(key, bind(context), plain, random);
    }

    /**
     * Opens into what remains of a direct buffer, which must be exactly the size of what was sealed. If it throws, zeroes are left there.
     *
     * @param bound what {@link #bind} made of the context
     */
    public void openInto(AssociatedData bound, byte[] sealed, ByteBuffer plain) throws AuthenticationException {
        Envelope.openInto(key, bound, sealed, plain);
    }

    /** The bytes of the key, to be wrapped. SECURITY: a copy, the caller's to wipe. */
    public byte[] copyOfKey() {
        return key.copyOfBytes();
    }

    @Override
    public void close() {
        key.close();
    }
}
