package dev.latchkey.agent.sys;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CipherCallsTest {
    private static final int EINVAL = 22;
    private static final byte[] CONTEXT = {1, 2, 3};
    private static final byte[] PLAIN = "a value of some length".getBytes(java.nio.charset.StandardCharsets.US_ASCII);

    private final ByteBuffer key = key(HexFormat.of().parseHex("0f".repeat(32)));
    private final byte[] sealed = seal(key, CONTEXT, PLAIN, new byte[12]);

    private static ByteBuffer key(byte[] bytes) {
        return ByteBuffer.allocateDirect(bytes.length).put(0, bytes);
    }

    private static byte[] seal(ByteBuffer key, byte[] context, byte[] plain, byte[] nonce) {
        byte[] sealed = Arrays.copyOf(nonce, 12 + plain.length + 16);
        CipherCalls.seal(key, context, plain, sealed);
        return sealed;
    }

    private static byte[] hex(String text) {
        return text == null ? new byte[0] : HexFormat.of().parseHex(text);
    }

    private static void assertInvalid(Executable call) {
        assertEquals(EINVAL, assertThrows(ErrnoException.class, call).errno());
    }

    /** Test cases 13 to 16 of "The Galois/Counter Mode of Operation" by McGrew and Viega, and the first of NIST's for 256 bits. */
    @ParameterizedTest
    @CsvSource(textBlock = """
            0000000000000000000000000000000000000000000000000000000000000000, 000000000000000000000000, , , , 530f8afbc74536b9a963b4f1c4cb738b
            0000000000000000000000000000000000000000000000000000000000000000, 000000000000000000000000, , 00000000000000000000000000000000, cea7403d4d606b6e074ec5d3baf39d18, d0d1c8a799996bf0265b98b5d48ab919
            feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308, cafebabefacedbaddecaf888, , d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255, 522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad, b094dac5d93471bdec1a502270e3cc6c
            feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308, cafebabefacedbaddecaf888, feedfacedeadbeeffeedfacedeadbeefabaddad2, d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39, 522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662, 76fc6ece0f4e1768cddf8853bb2d551b
            b52c505a37d78eda5dd34f20c22540ea1b58963cf8e5bf8ffa85f9f2492505b4, 516c33929df5a3284ff463d7, , , , bdc1ac884d332457a1d2664f168c76f0
            """)
    void agreesWithThePublishedVectors(
            String keyText, String nonce, String context, String plain, String cipher, String tag) {
        byte[] expected = hex(nonce + (cipher == null ? "" : cipher) + tag);
        byte[] opened = new byte[hex(plain).length];

        assertArrayEquals(expected, seal(key(hex(keyText)), hex(context), hex(plain), hex(nonce)));
        assertTrue(CipherCalls.open(key(hex(keyText)), hex(context), expected, opened));
        assertArrayEquals(hex(plain), opened);
    }

    @Test
    void sealsWhatRemainsOfABufferWhereverItBegins() {
        for (int from = 0; from < 40; from++) {
            ByteBuffer plain = ByteBuffer.allocateDirect(from + PLAIN.length + 7)
                    .put(from, PLAIN)
                    .position(from)
                    .limit(from + PLAIN.length);
            byte[] made = new byte[sealed.length];
            CipherCalls.seal(key, CONTEXT, plain, made);

            assertArrayEquals(sealed, made);
            assertEquals(from, plain.position());
        }
    }

    @Test
    void sealsNoBufferThatDoesNotFit() {
        ByteBuffer plain = ByteBuffer.allocateDirect(PLAIN.length + 1);
        assertInvalid(() -> CipherCalls.seal(key, CONTEXT, plain, sealed.clone()));
        assertInvalid(() -> CipherCalls.seal(key, CONTEXT, ByteBuffer.allocate(PLAIN.length), sealed.clone()));
    }

    @Test
    void opensIntoWhatRemainsOfABufferWhereverItBegins() {
        for (int from = 0; from < 40; from++) {
            ByteBuffer room = ByteBuffer.allocateDirect(from + PLAIN.length + 7)
                    .position(from)
                    .limit(from + PLAIN.length);
            assertTrue(CipherCalls.open(key, CONTEXT, sealed, room));

            ByteBuffer expected = ByteBuffer.allocate(room.capacity()).put(from, PLAIN);
            assertEquals(ByteBuffer.wrap(PLAIN), room);
            assertEquals(expected, room.clear(), "nothing beside it is written, from " + from);
        }
    }

    @Test
    void whatIsNotAuthenticIsZeroed() {
        for (int at = 0; at < sealed.length; at++) {
            byte[] changed = sealed.clone();
            changed[at] ^= 1;
            byte[] array = PLAIN.clone();
            ByteBuffer direct = ByteBuffer.allocateDirect(PLAIN.length + 2)
                    .put(1, PLAIN)
                    .put(0, (byte) 7)
                    .put(PLAIN.length + 1, (byte) 7);

            assertFalse(CipherCalls.open(key, CONTEXT, changed, array));
            assertFalse(
                    CipherCalls.open(key, CONTEXT, changed, direct.position(1).limit(1 + PLAIN.length)));

            assertArrayEquals(new byte[PLAIN.length], array);
            assertEquals(ByteBuffer.allocate(PLAIN.length), direct);
            assertEquals(7, direct.clear().get(0));
            assertEquals(7, direct.get(PLAIN.length + 1), "what lies beside it stays");
        }
    }

    @Test
    void anotherKeyOrContextOpensNothing() {
        byte[] plain = new byte[PLAIN.length];
        assertFalse(CipherCalls.open(key(new byte[32]), CONTEXT, sealed, plain));
        assertFalse(CipherCalls.open(key, new byte[] {1, 2, 4}, sealed, plain));
        assertFalse(CipherCalls.open(key, new byte[0], sealed, plain));
    }

    @Test
    void lengthsThatDoNotFitAreRefusedBeforeAnythingIsWritten() {
        for (int wrong : new int[] {0, 1, PLAIN.length - 1, PLAIN.length + 1}) {
            byte[] array = new byte[wrong];
            ByteBuffer direct = ByteBuffer.allocateDirect(PLAIN.length + 9).limit(wrong);
            assertInvalid(() -> CipherCalls.open(key, CONTEXT, sealed, array));
            assertInvalid(() -> CipherCalls.open(key, CONTEXT, sealed, direct));
            assertInvalid(() -> CipherCalls.seal(key, CONTEXT, new byte[wrong], sealed.clone()));
            assertArrayEquals(new byte[wrong], array);
            assertEquals(ByteBuffer.allocate(direct.capacity()), direct.clear());
        }
        for (int length = 0; length < 28; length++) {
            byte[] cut = Arrays.copyOf(sealed, length);
            assertInvalid(() -> CipherCalls.open(key, CONTEXT, cut, new byte[0]));
            assertInvalid(() -> CipherCalls.seal(key, CONTEXT, new byte[0], cut));
        }
    }

    @Test
    void keyThatIsNotOf32DirectBytesIsRefused() {
        byte[] plain = new byte[PLAIN.length];
        for (int wrong : new int[] {0, 16, 31, 33}) {
            assertInvalid(() -> CipherCalls.open(ByteBuffer.allocateDirect(wrong), CONTEXT, sealed, plain));
        }
        assertInvalid(() -> CipherCalls.open(ByteBuffer.allocate(32), CONTEXT, sealed, plain));
        assertInvalid(() -> CipherCalls.open(key, CONTEXT, sealed, ByteBuffer.wrap(plain)));
    }
}
