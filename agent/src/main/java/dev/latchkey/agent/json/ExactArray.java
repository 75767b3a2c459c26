package dev.latchkey.agent.json;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.function.Consumer;

/** Makes arrays of what is written, when its size is known only then. SECURITY: of what is longer nothing is left. */
final class ExactArray {
    private ExactArray() {}

    /**
     * @param most bytes that the writer writes
     */
    static byte[] of(int most, Consumer<ByteBuffer> writer) {
        byte[] room = new byte[most];
        boolean exact = false;
        try {
            ByteBuffer to = ByteBuffer.wrap(room);
            writer.accept(to);
            exact = !to.hasRemaining();
            return exact ? room : Arrays.copyOf(room, to.position());
        } finally {
            if (!exact) {
                Arrays.fill(room, (byte) 0);
            }
        }
    }
}
