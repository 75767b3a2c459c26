package dev.latchkey.agent.crypto;

import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.security.SecureRandom;
import java.util.Arrays;

/**
 * Encrypts a stream in frames, each sealed with its place in the stream and whether it is the last, so that frames cannot
 * be dropped, swapped, repeated or cut off. Without {@link #finish} the stream stays one that nobody accepts.
 */
public final class SealedOutput extends OutputStream {
    static final int FRAME_BYTES = 64 * 1024;
    static final int LAST = 1;
    static final int NOT_LAST = 0;

    private final DataOutputStream out;
    private final AesKey key;
    private final byte[] header;
    private final SecureRandom random;
    private final byte[] frame = new byte[FRAME_BYTES];
    private int filled;
    private long index;

    /**
     * @param key for this stream alone
     * @param header what stands before the frames, to which they are bound
     */
    public SealedOutput(OutputStream out, AesKey key, byte[] header, SecureRandom random) {
        this.out = new DataOutputStream(out);
        this.key = key;
        this.header = header.clone();
        this.random = random;
    }

    static AssociatedData context(byte[] header, long index, int last) {
        return AssociatedData.of("latchkey stream 1").with(header).with(index).with(last);
    }

    @Override
    public void write(int octet) throws IOException {
        write(new byte[] {(byte) octet}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        int done = 0;
        while (done < length) {
            if (filled == frame.length) {
                writeFrame(NOT_LAST);
            }
            int part = Math.min(length - done, frame.length - filled);
            System.arraycopy(bytes, offset + done, frame, filled, part);
            filled += part;
            done += part;
        }
    }

    /** Writes the last frame and flushes. Does not close what it writes to. */
    public void finish() throws IOException {
        writeFrame(LAST);
        out.flush();
    }

    private void writeFrame(int last) throws IOException {
        byte[] sealed = Envelope.seal(key, context(header, index++, last), Arrays.copyOf(frame, filled), random);
        out.writeByte(last);
        out.writeInt(sealed.length);
        out.write(sealed);
        filled = 0;
    }
}
