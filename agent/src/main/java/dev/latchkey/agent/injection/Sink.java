package dev.latchkey.agent.injection;

import java.nio.ByteBuffer;

/** Where a value is written that is decoded or encoded on its way. */
interface Sink {
    void put(int b);

    void put(byte[] bytes);

    /** Puts what remains of a buffer. */
    void put(ByteBuffer bytes);
}
