package dev.latchkey.agent.cache;

import dev.latchkey.agent.crypto.AesKey;
import dev.latchkey.agent.crypto.AssociatedData;
import dev.latchkey.agent.crypto.AuthenticationException;
import dev.latchkey.agent.crypto.Envelope;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.secret.SecretValue;
import java.nio.ByteBuffer;
import java.security.SecureRandom;

/** A value under the key of the cache. */
final class Sealed {
    private final AesKey key;
    private final AssociatedData context;
    private final byte[] bytes;

    private Sealed(AesKey key, AssociatedData context, byte[] bytes) {
        this.key = key;
        this.context = context;
        this.bytes = bytes;
    }

    static Sealed of(SecretValue value, AesKey key, AssociatedData context, SecureRandom random) {
        return new Sealed(key, context, value.lend(plain -> Envelope.seal(key, context, plain, random)));
    }

    /** Of the value. */
    int size() {
        return bytes.length - Envelope.OVERHEAD;
    }

    int bytes() {
        return bytes.length;
    }

    SecretValue open() {
        try {
            return SecretValue.owning(Envelope.open(key, context, bytes));
        } catch (AuthenticationException e) {
            throw changed(e);
        }
    }

    void openInto(ByteBuffer to) {
        try {
            Envelope.openInto(key, context, bytes, to);
        } catch (AuthenticationException e) {
            throw changed(e);
        }
    }

    private static AgentException changed(AuthenticationException e) {
        return new AgentException(Failure.of(FailureKind.DECRYPTION_FAILED, "what the cache kept cannot be opened"), e);
    }
}
