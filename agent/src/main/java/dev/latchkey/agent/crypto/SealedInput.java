package dev.latchkey.agent.crypto;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;

/** Reads what {@link SealedOutput} wrote. Gives nothing out of a frame that it did not authenticate first. */
public final class SealedInput extends InputStream {
    private final DataInputStream in;
    private final AesKey key;
    private final byte[] header;
    private byte[] frame = {};
    private int taken;
    private long index;
    private boolean lastSeen;

    /** The stream is cut off, changed or followed by something. */
    public static final class DamagedException extends IOException {
        DamagedException(String message) {
            super(message);
        }
    }

    public SealedInput(InputStream in, AesKey key, byte[] header) {
        this.in = new DataInputStream(in);
        this.key = key;
        this.header = header.clone();
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] to, int offset, int length) throws IOException {
        while (taken == frame.length) {
            if (lastSeen) {
                return -1;
            }
            nextFrame();
        }
        int part = Math.min(length, frame.length - taken);
        System.arraycopy(frame, taken, to, offset, part);
        taken += part;
        return part;
    }

    private void nextFrame() throws IOException {
        try {
            int last = in.readUnsignedByte();
            int length = in.readInt();
            if (length < Envelope.OVERHEAD || length > SealedOutput.FRAME_BYTES + Envelope.OVERHEAD) {
                throw new DamagedException("frame " + index + " has a length that none has");
            }
            byte[] sealed = new byte[length];
            in.readFully(sealed);
            frame = Envelope.open(key, SealedOutput.context(header, index, last), sealed);
            taken = 0;
            lastSeen = last == SealedOutput.LAST;
        } catch (EOFException _) {
            throw new DamagedException("it is cut off in frame " + index);
        } catch (AuthenticationException _) {
            throw new DamagedException("frame " + index + " was changed");
        }
        index++;
        if (lastSeen && in.read() >= 0) {
            throw new DamagedException("something follows its end");
        }
    }
}
