package dev.latchkey.agent.crypto;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.latchkey.agent.memory.LockedMemory;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class KeyMemoryTest {
    private static final ByteBuffer ZEROES = ByteBuffer.allocate(AesKey.BYTES);

    private final KeyMemory memory = new KeyMemory(new LockedMemory(_ -> {}));
    private final SecureRandom random = new SecureRandom();

    private byte[] bytes() {
        byte[] bytes = new byte[AesKey.BYTES];
        random.nextBytes(bytes);
        return bytes;
    }

    private static ByteBuffer slot(AesKey key) {
        ByteBuffer slot = key.begin();
        key.end();
        return slot;
    }

    @Test
    void movesAKeyAndLeavesZeroes() {
        byte[] bytes = bytes();
        byte[] same = bytes.clone();

        AesKey key = memory.take(bytes);

        assertArrayEquals(new byte[AesKey.BYTES], bytes);
        assertArrayEquals(same, key.copyOfBytes());
    }

    @Test
    void refusesAnotherLengthAndLeavesZeroesTooThen() {
        for (int length : new int[] {0, 16, 31, 33}) {
            byte[] bytes = Arrays.copyOf(bytes(), length);
            assertThrows(IllegalStateException.class, () -> memory.take(bytes));
            assertArrayEquals(new byte[length], bytes);
        }
    }

    @Test
    void holdsMoreKeysThanASegmentHasSlots() {
        List<byte[]> expected = new ArrayList<>();
        List<AesKey> keys = new ArrayList<>();
        for (int i = 0; i < 1_100; i++) {
            byte[] bytes = bytes();
            expected.add(bytes.clone());
            keys.add(memory.take(bytes));
        }
        for (int i = 0; i < keys.size(); i++) {
            assertArrayEquals(expected.get(i), keys.get(i).copyOfBytes());
            assertEquals(AesKey.BYTES, slot(keys.get(i)).capacity());
        }
    }

    @Test
    void zeroesTheSlotOfAClosedKeyAndUsesItAgain() {
        AesKey key = memory.random(random);
        ByteBuffer slot = slot(key);

        key.close();

        assertEquals(ZEROES, slot);
        assertThrows(IllegalStateException.class, key::begin);
        assertThrows(IllegalStateException.class, key::copyOfBytes);
        AesKey next = memory.random(random);
        assertSame(slot, slot(next));
        key.close();
        assertNotSame(slot, slot(memory.random(random)), "closing twice gave the slot of another key back");
    }

    /** Otherwise a value could be sealed under zeroes, or under the key that has the slot next. */
    @Test
    void keepsAKeyUntilNobodyUsesItAnyMore() {
        byte[] bytes = bytes();
        byte[] same = bytes.clone();
        AesKey key = memory.take(bytes);
        ByteBuffer lent = key.begin();

        key.close();

        assertEquals(ByteBuffer.wrap(same), lent);
        key.end();
        assertEquals(ZEROES, lent);
    }
}
