package dev.latchkey.agent.workload;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * A bearer token, of which only its hash is kept: enough to recognise it, and nothing that a core could give away.
 *
 * <p>SECURITY: comparing takes the same time whatever the tokens are. Its hash tells a short token to who guesses, so it has no text form.
 */
public final class BearerToken {
    private final byte[] hash;

    private BearerToken(byte[] hash) {
        this.hash = hash;
    }

    /** The token of these bytes, which stay the caller's to zero. */
    public static BearerToken of(byte[] bytes) {
        try {
            return new BearerToken(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof BearerToken token && MessageDigest.isEqual(hash, token.hash);
    }

    /** The same for all of them, so that no table of theirs depends on one. */
    @Override
    public int hashCode() {
        return BearerToken.class.hashCode();
    }

    @Override
    public String toString() {
        return "[redacted]";
    }
}
