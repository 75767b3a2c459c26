package dev.latchkey.agent.injection;

/** Where a value is written that is decoded or encoded on its way. */
interface Sink {
    void put(int b);

    void put(byte[] bytes);
}
