package dev.latchkey.protocol;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** However a frame is damaged, a decoder answers with a failure class, soon and without taking memory by a claimed length. */
class MutationTest {
    private static final int ROUNDS = Integer.getInteger("latchkey.mutations", 200_000);
    private static final long SEED = 20_261_101;

    private final List<Vector> vectors = Vector.all().stream()
            .filter(vector -> vector.bytes().remaining() < 4_096)
            .toList();

    @Test
    void damagedFramesAreRefusedAndNothingElse() {
        Random random = new Random(SEED);
        int refused = 0;
        for (int round = 0; round < ROUNDS; round++) {
            Vector vector = vectors.get(random.nextInt(vectors.size()));
            refused += refuses(vector, ByteBuffer.wrap(damaged(bytes(vector), random))) ? 1 : 0;
        }
        assertTrue(refused > ROUNDS / 2 && refused < ROUNDS, refused + " of " + ROUNDS + " refused");
    }

    @Test
    void claimedLengthsTakeNoMemory() {
        List<Vector> claims = vectors.stream()
                .filter(vector ->
                        vector.name().contains("greatest") || vector.name().contains("too-long"))
                .toList();
        assertTrue(claims.size() >= 8, claims.toString());
        claims.forEach(vector -> refuses(vector, vector.bytes().duplicate()));

        long before = allocated();
        claims.forEach(vector -> refuses(vector, vector.bytes().duplicate()));
        long taken = allocated() - before;

        assertTrue(taken < 256 * 1024, taken + " bytes");
    }

    private static boolean refuses(Vector vector, ByteBuffer frame) {
        try {
            Decoded.lines(frame, vector.decoder(), vector.requested());
            return false;
        } catch (MalformedException e) {
            return true;
        }
    }

    private static byte[] bytes(Vector vector) {
        byte[] bytes = new byte[vector.bytes().remaining()];
        vector.bytes().duplicate().get(bytes);
        return bytes;
    }

    private static byte[] damaged(byte[] frame, Random random) {
        byte[] copy = random.nextInt(4) == 0 ? resized(frame, random) : frame;
        for (int i = random.nextInt(4); i >= 0 && copy.length > 0; i--) {
            // Mostly behind the header, where the fields are.
            int from = copy.length > Header.BYTES && random.nextInt(8) != 0 ? Header.BYTES - 4 : 0;
            copy[random.nextInt(from, copy.length)] = interesting(random);
        }
        return copy;
    }

    private static byte[] resized(byte[] frame, Random random) {
        return java.util.Arrays.copyOf(frame, random.nextInt(frame.length + 16));
    }

    private static byte interesting(Random random) {
        byte[] often = {0, 1, 2, 0x7F, (byte) 0x80, (byte) 0xFF, '=', 16};
        return random.nextBoolean() ? often[random.nextInt(often.length)] : (byte) random.nextInt();
    }

    private static long allocated() {
        return ((com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean()).getCurrentThreadAllocatedBytes();
    }
}
