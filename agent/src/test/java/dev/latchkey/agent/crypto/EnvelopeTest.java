package dev.latchkey.agent.crypto;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.latchkey.agent.memory.LockedMemory;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EnvelopeTest {
    private final SecureRandom random = new SecureRandom();
    private final KeyMemory memory = new KeyMemory(new LockedMemory(_ -> {}));
    private final AesKey key = memory.random(random);

    private static AssociatedData name(String name) {
        return AssociatedData.of("test").with(name);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 15, 16, 17, 1 << 20})
    void opensWhatItSealed(int size) throws Exception {
        byte[] plain = new byte[size];
        random.nextBytes(plain);

        byte[] sealed = Envelope.seal(key, name("a"), plain, random);

        assertEquals(size + Envelope.OVERHEAD, sealed.length);
        assertArrayEquals(plain, Envelope.open(key, name("a"), sealed));
    }

    @Test
    void refusesAnyFlippedBit() {
        byte[] sealed = Envelope.seal(key, name("a"), "value".getBytes(StandardCharsets.UTF_8), random);
        for (int bit = 0; bit < sealed.length * Byte.SIZE; bit++) {
            byte[] changed = sealed.clone();
            changed[bit / Byte.SIZE] ^= (byte) (1 << bit % Byte.SIZE);
            assertThrows(AuthenticationException.class, () -> Envelope.open(key, name("a"), changed), "bit " + bit);
        }
    }

    @Test
    void refusesAnotherNameAnotherKeyAndACutOne() {
        byte[] sealed = Envelope.seal(key, name("a"), new byte[] {1, 2, 3}, random);

        assertThrows(AuthenticationException.class, () -> Envelope.open(key, name("b"), sealed));
        assertThrows(AuthenticationException.class, () -> Envelope.open(memory.random(random), name("a"), sealed));
        for (int length = 0; length < sealed.length; length++) {
            byte[] cut = Arrays.copyOf(sealed, length);
            assertThrows(AuthenticationException.class, () -> Envelope.open(key, name("a"), cut));
        }
    }

    @Test
    void sealsTheSameValueDifferentlyEachTime() {
        byte[] plain = new byte[32];

        assertFalse(Arrays.equals(
                Envelope.seal(key, name("a"), plain, random), Envelope.seal(key, name("a"), plain, random)));
    }

    @Test
    void bindsADataKeysIdToWhatItSeals() throws Exception {
        byte[] bytes = key.copyOfBytes();
        DataKey one = new DataKey("one", memory.take(bytes.clone()));
        DataKey two = new DataKey("two", memory.take(bytes.clone()));

        byte[] sealed = one.seal(name("a"), new byte[] {7}, random);

        assertArrayEquals(new byte[] {7}, one.open(name("a"), sealed));
        assertThrows(AuthenticationException.class, () -> two.open(name("a"), sealed));
    }

    @Test
    void tellsFieldsApartThatHaveTheSameBytesTogether() {
        assertFalse(Arrays.equals(
                AssociatedData.of("x").with("ab").with("c").toBytes(),
                AssociatedData.of("x").with("a").with("bc").toBytes()));
        assertFalse(Arrays.equals(
                AssociatedData.of("x").with("").with("a").toBytes(),
                AssociatedData.of("x").with("a").with("").toBytes()));
    }

    @Test
    void neverUsesAKeyThatWasWiped() {
        AesKey wiped = memory.random(random);
        wiped.close();

        assertThrows(IllegalStateException.class, () -> Envelope.seal(wiped, name("a"), new byte[1], random));
        assertEquals("[redacted]", wiped.toString());
    }
}
