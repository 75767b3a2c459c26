package dev.latchkey.protocol;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** A bearer token of 1 to 4,096 bytes. SECURITY: worth something in itself, so it has no text form. */
public final class Token {
    /** The longest token, in bytes. */
    public static final int MAX_BYTES = 4_096;

    private final byte[] bytes;

    public Token(byte[] bytes) {
        if (bytes.length < 1 || bytes.length > MAX_BYTES) {
            throw new IllegalStateException("a token of " + bytes.length + " bytes");
        }
        this.bytes = bytes.clone();
    }

    static Token decode(FieldReader in) throws MalformedException {
        ByteBuffer value = in.rest();
        in.requireLength(value, MAX_BYTES);
        if (!value.hasRemaining()) {
            throw in.badValue("is empty");
        }
        byte[] bytes = new byte[value.remaining()];
        value.get(bytes);
        return new Token(bytes);
    }

    /** A copy of the bytes. */
    public byte[] bytes() {
        return bytes.clone();
    }

    /** Zeroes what is held here, once it was looked at. */
    public void wipe() {
        Arrays.fill(bytes, (byte) 0);
    }

    @Override
    public String toString() {
        return "[redacted]";
    }
}
