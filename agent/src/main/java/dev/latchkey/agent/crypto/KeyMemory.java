package dev.latchkey.agent.crypto;

import dev.latchkey.agent.memory.WipedSegment;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;

/**
 * Where keys live: slots of segments for values, which hold many because a segment takes whole pages of the memory that may be locked. A slot
 * whose key is gone is zeroed and used again; the segments stay as long as the process.
 */
public final class KeyMemory {
    private static final int SEGMENT_BYTES = 16 << 10;
    private static final byte[] ZEROES = new byte[AesKey.BYTES];

    private final WipedSegment.Source source;
    private final Deque<ByteBuffer> free = new ArrayDeque<>();
    private ByteBuffer unused = ByteBuffer.allocate(0);

    public KeyMemory(WipedSegment.Source source) {
        this.source = source;
    }

    /** Memory of the same source, for what is opened with the keys. */
    public WipedSegment allocate(int bytes) {
        return source.allocate(bytes);
    }

    /** Moves a key here: the array is zeroed. */
    public AesKey take(byte[] bytes) {
        try {
            if (bytes.length != AesKey.BYTES) {
                throw new IllegalStateException("a key of " + bytes.length + " bytes");
            }
            return new AesKey(this, slot().put(0, bytes));
        } finally {
            Arrays.fill(bytes, (byte) 0);
        }
    }

    public AesKey random(SecureRandom random) {
        byte[] bytes = new byte[AesKey.BYTES];
        random.nextBytes(bytes);
        return take(bytes);
    }

    private synchronized ByteBuffer slot() {
        if (!free.isEmpty()) {
            return free.pop();
        }
        if (!unused.hasRemaining()) {
            unused = source.allocate(SEGMENT_BYTES).buffer();
        }
        ByteBuffer slot = unused.slice(unused.position(), AesKey.BYTES);
        unused.position(unused.position() + AesKey.BYTES);
        return slot;
    }

    synchronized void giveBack(ByteBuffer slot) {
        free.push(slot.put(0, ZEROES));
    }
}
