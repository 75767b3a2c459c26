package dev.latchkey.agent.crypto;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** What a ciphertext is bound to: a list of fields, each preceded by its length so that no two lists have the same bytes. */
public final class AssociatedData {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(128);

    private AssociatedData() {}

    /** Begins with what the ciphertext is for, so that one for another use never opens in its place. */
    public static AssociatedData of(String use) {
        return new AssociatedData().with(use);
    }

    public AssociatedData with(String field) {
        return with(field.getBytes(StandardCharsets.UTF_8));
    }

    public AssociatedData with(long field) {
        byte[] octets = new byte[Long.BYTES];
        for (int i = 0; i < Long.BYTES; i++) {
            octets[i] = (byte) (field >>> (Long.SIZE - Byte.SIZE * (i + 1)));
        }
        return with(octets);
    }

    public AssociatedData with(byte[] field) {
        for (int shift = Integer.SIZE - Byte.SIZE; shift >= 0; shift -= Byte.SIZE) {
            bytes.write(field.length >>> shift);
        }
        bytes.writeBytes(field);
        return this;
    }

    byte[] toBytes() {
        return bytes.toByteArray();
    }
}
