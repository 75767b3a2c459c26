package dev.latchkey.agent.secret;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class SecretValueTest {
    private final byte[] bytes = {1, 2, 3};
    private final AtomicInteger wiped = new AtomicInteger();
    private final SecretValue array = SecretValue.owning(bytes);
    private final SecretValue outside = SecretValue.outsideHeap(
            ByteBuffer.allocateDirect(5).put(1, bytes).position(1).limit(4), wiped::incrementAndGet);

    @Test
    void lendsTheSameBytesWhereverTheyLie() {
        for (SecretValue value : new SecretValue[] {array, outside}) {
            assertEquals(3, value.size());
            assertEquals(ByteBuffer.wrap(bytes), value.lend(ByteBuffer::slice));
            assertArrayEquals(new byte[] {1, 2, 3}, value.leak(byte[]::clone));
            assertTrue(value.sameAs(array) && array.sameAs(value));
        }
    }

    @Test
    void tellsOtherBytesAndOtherLengthsApart() {
        assertFalse(outside.sameAs(SecretValue.owning(new byte[] {1, 2, 4})));
        assertFalse(outside.sameAs(SecretValue.owning(new byte[] {1, 2})));
        assertFalse(SecretValue.owning(new byte[0]).sameAs(outside));
    }

    @Test
    void zeroesTheArrayThatItLendsOfMemoryOutsideTheHeap() {
        AtomicReference<byte[]> lent = new AtomicReference<>(bytes);
        assertThrows(
                IllegalStateException.class,
                () -> outside.leak(copy -> {
                    lent.set(copy);
                    throw new IllegalStateException();
                }));
        assertArrayEquals(new byte[3], lent.get());
    }

    @Test
    void isWipedOnceWhenClosedAndIsOfNoUseThen() {
        outside.close();
        outside.close();
        array.close();
        assertEquals(1, wiped.get());
        assertArrayEquals(new byte[3], bytes);
        assertThrows(IllegalStateException.class, outside::size);
        assertThrows(IllegalStateException.class, () -> array.leak(byte[]::clone));
    }

    @Test
    void refusesABufferOnTheHeapAndMoreThanAValueMayHave() {
        assertThrows(IllegalStateException.class, () -> SecretValue.outsideHeap(ByteBuffer.allocate(1), () -> {}));
        assertThrows(IllegalStateException.class, () -> SecretValue.owning(new byte[SecretValue.MAX_BYTES + 1]));
    }

    @Test
    void showsNothing() {
        assertEquals("[redacted]", outside.toString());
    }
}
