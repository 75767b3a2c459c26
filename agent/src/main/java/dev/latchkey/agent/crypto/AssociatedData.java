package dev.latchkey.agent.crypto;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** What a ciphertext is bound to: a list of fields, each preceded by its length so that no two lists have the same bytes. */
public final class AssociatedData {
    private static final int USUAL = 192;

    private byte[] octets = new byte[USUAL];
    private int length;
    private boolean complete;

    private AssociatedData() {}

    /** Begins with what the ciphertext is for, so that one for another use never opens in its place. */
    public static AssociatedData of(String use) {
        return new AssociatedData().with(use);
    }

    public AssociatedData with(String field) {
        return with(field.getBytes(StandardCharsets.UTF_8));
    }

    public AssociatedData with(long field) {
        byte[] number = new byte[Long.BYTES];
        for (int i = 0; i < Long.BYTES; i++) {
            number[i] = (byte) (field >>> (Long.SIZE - Byte.SIZE * (i + 1)));
        }
        return with(number);
    }

    public AssociatedData with(byte[] field) {
        if (complete) {
            throw new IllegalStateException("a context that is complete gets no further field");
        }
        int begin = reserve(Integer.BYTES + field.length);
        for (int i = 0; i < Integer.BYTES; i++) {
            octets[begin + i] = (byte) (field.length >>> (Integer.SIZE - Byte.SIZE * (i + 1)));
        }
        System.arraycopy(field, 0, octets, begin + Integer.BYTES, field.length);
        return this;
    }

    private int reserve(int size) {
        int begin = length;
        length += size;
        if (length > octets.length) {
            octets = Arrays.copyOf(octets, Math.max(length, 2 * octets.length));
        }
        return begin;
    }

    /** Nothing can be added any more, so that it may be used again and again. */
    public AssociatedData complete() {
        octets = toBytes();
        complete = true;
        return this;
    }

    /** Its bytes, not to be changed. */
    public byte[] toBytes() {
        return length == octets.length ? octets : Arrays.copyOf(octets, length);
    }
}
