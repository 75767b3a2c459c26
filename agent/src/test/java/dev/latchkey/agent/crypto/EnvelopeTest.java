package dev.latchkey.agent.crypto;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.latchkey.agent.memory.LockedMemory;
import dev.latchkey.agent.memory.WipedSegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EnvelopeTest {
    private final SecureRandom random = new SecureRandom();
    private final LockedMemory locked = new LockedMemory(_ -> {});
    private final KeyMemory memory = new KeyMemory(locked);
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

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 15, 16, 17, 127, 128, 129, 4_097, 1 << 20})
    void makesAndOpensWhatTheJdkDoes(int size) throws Exception {
        byte[] plain = new byte[size];
        random.nextBytes(plain);
        byte[] sealed = Envelope.seal(key, name("a"), plain, random);
        byte[] nonce = Arrays.copyOf(sealed, Envelope.NONCE_BYTES);

        Cipher opening = jdk(Cipher.DECRYPT_MODE, nonce);
        assertArrayEquals(plain, opening.doFinal(sealed, nonce.length, sealed.length - nonce.length));
        byte[] theirs = jdk(Cipher.ENCRYPT_MODE, nonce).doFinal(plain);
        assertArrayEquals(theirs, Arrays.copyOfRange(sealed, nonce.length, sealed.length));
    }

    private Cipher jdk(int mode, byte[] nonce) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(
                mode,
                new SecretKeySpec(key.copyOfBytes(), "AES"),
                new GCMParameterSpec(Envelope.TAG_BYTES * Byte.SIZE, nonce));
        cipher.updateAAD(name("a").toBytes());
        return cipher;
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 33, 1 << 20})
    void opensIntoASegment(int size) throws Exception {
        byte[] plain = new byte[size];
        random.nextBytes(plain);
        byte[] sealed = Envelope.seal(key, name("a"), plain, random);
        try (WipedSegment segment = locked.allocate(size + 2)) {
            ByteBuffer room = segment.buffer().position(1).limit(1 + size);

            Envelope.openInto(key, name("a"), sealed, room);

            assertEquals(0, room.remaining());
            assertEquals(ByteBuffer.wrap(plain), room.flip().position(1));
        }
    }

    @Test
    void leavesZeroesInASegmentForWhatIsNotAuthentic() {
        byte[] sealed = Envelope.seal(key, name("a"), new byte[] {1, 2, 3}, random);
        ByteBuffer room = ByteBuffer.allocateDirect(3).put(0, new byte[] {9, 9, 9});

        assertThrows(AuthenticationException.class, () -> Envelope.openInto(key, name("b"), sealed, room));
        assertEquals(ByteBuffer.allocate(3), room);
        assertThrows(
                AuthenticationException.class,
                () -> Envelope.openInto(key, name("a"), Arrays.copyOf(sealed, 27), room));
    }

    @Test
    void writesNothingWhereThereIsNotExactlyRoom() {
        byte[] sealed = Envelope.seal(key, name("a"), new byte[] {1, 2, 3}, random);
        for (int room : new int[] {0, 2, 4}) {
            ByteBuffer buffer = ByteBuffer.allocateDirect(room);
            assertThrows(IllegalStateException.class, () -> Envelope.openInto(key, name("a"), sealed, buffer));
            assertEquals(ByteBuffer.allocate(room), buffer.clear());
        }
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

        byte[] sealed = one.seal(name("a"), ByteBuffer.wrap(new byte[] {7}), random);
        ByteBuffer opened = ByteBuffer.allocateDirect(1);

        one.openInto(one.bind(name("a")), sealed, opened);
        assertEquals(7, opened.get(0));
        assertThrows(AuthenticationException.class, () -> two.openInto(two.bind(name("a")), sealed, opened.clear()));
    }

    @Test
    void sealsWhatRemainsOfABufferOnTheHeapOrOutside() throws Exception {
        byte[] around = {9, 1, 2, 3, 9};
        for (ByteBuffer memory : List.of(
                ByteBuffer.allocateDirect(5).put(0, around),
                ByteBuffer.allocateDirect(5).put(0, around).asReadOnlyBuffer())) {
            ByteBuffer plain = memory.position(1).limit(4);
            byte[] sealed = Envelope.seal(key, name("a"), plain, random);
            assertEquals(3, plain.remaining());
            assertArrayEquals(new byte[] {1, 2, 3}, Envelope.open(key, name("a"), sealed));
        }
        byte[] sealed = Envelope.seal(key, name("a"), ByteBuffer.wrap(new byte[] {1, 2, 3}), random);
        assertArrayEquals(new byte[] {1, 2, 3}, Envelope.open(key, name("a"), sealed));
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

    @Test
    void contextThatIsCompleteGetsNoFurtherField() {
        AssociatedData complete = name("a").complete();
        assertThrows(IllegalStateException.class, () -> complete.with("b"));
        assertArrayEquals(name("a").toBytes(), complete.toBytes());
    }
}
