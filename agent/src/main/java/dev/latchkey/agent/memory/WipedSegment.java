package dev.latchkey.agent.memory;

import java.nio.ByteBuffer;

/** A piece of memory for values, zeroed when it is closed. */
public interface WipedSegment extends AutoCloseable {
    /** The whole segment as a direct buffer, position 0, limit its size. SECURITY: not to be used after {@link #close}. */
    ByteBuffer buffer();

    /** Zeroes the memory and gives it back; closing twice is fine. */
    @Override
    void close();

    /** Makes segments. */
    interface Source {
        /**
         * @param bytes 0 or more
         */
        WipedSegment allocate(int bytes);
    }
}
