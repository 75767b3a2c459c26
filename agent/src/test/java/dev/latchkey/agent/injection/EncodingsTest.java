package dev.latchkey.agent.injection;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.memory.WipedSegment;
import dev.latchkey.agent.secret.SecretReference.Decoding;
import dev.latchkey.agent.secret.SecretReference.Encoding;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class EncodingsTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = ' ',
            value = {
                "BASE64 fo Zm8=",
                "BASE64 foo Zm9v",
                "BASE64URL ??> Pz8-",
                "BASE64URL ???? Pz8/Pw==",
                "HEX é c3a9",
                "URL p@ss/w:rd-._~é%2B p%40ss%2Fw%3Ard-._~%C3%A9%252B",
                "JSON a\"b\\c/é \"a\\\"b\\\\c/é\""
            })
    void encodes(Encoding encoding, String value, String expected) {
        String adapted = encoding == Encoding.BASE64URL ? expected.replace('/', '_') : expected;

        assertEquals(adapted, encoded(value.getBytes(StandardCharsets.UTF_8), encoding));
    }

    @Test
    void escapesEveryControlCharacterInJson() {
        assertEquals(
                "\"\\u0000\\b\\t\\n\\f\\r\\u001b\u007F\"",
                encoded(new byte[] {0, 8, 9, 10, 12, 13, 27, 127}, Encoding.JSON));
    }

    @Test
    void encodesAsTheLibraryDoes() {
        Random random = new Random(2);
        for (int size = 0; size < 200; size++) {
            byte[] value = new byte[size];
            random.nextBytes(value);
            assertEquals(Base64.getEncoder().encodeToString(value), encoded(value, Encoding.BASE64));
            assertEquals(Base64.getUrlEncoder().encodeToString(value), encoded(value, Encoding.BASE64URL));
            assertEquals(HexFormat.of().formatHex(value), encoded(value, Encoding.HEX));
        }
    }

    @ParameterizedTest
    @EnumSource(Encoding.class)
    void neverNeedsMoreRoomThanItSays(Encoding encoding) {
        Random random = new Random(4);
        for (int size = 0; size < 100; size++) {
            byte[] value = new byte[size];
            random.nextBytes(value);
            for (int i = 0; i < size && encoding == Encoding.JSON; i++) {
                value[i] &= 0x1F;
            }
            assertTrue(
                    encoded(value, encoding).getBytes(StandardCharsets.UTF_8).length <= Encoder.most(encoding, size));
        }
    }

    @Test
    void refusesToMakeJsonOfWhatIsNoText() {
        AgentException refused =
                assertThrows(AgentException.class, () -> encoded(new byte[] {(byte) 0xFF}, Encoding.JSON));

        assertEquals(FailureKind.NOT_DECODABLE, refused.kind());
        assertEquals(
                "the value is not UTF-8, so it has no JSON form",
                refused.failure().message());
    }

    @ParameterizedTest
    @CsvSource({
        "BASE64, Zm8=, fo",
        "BASE64, Zm8, fo",
        "BASE64, Zm9v, foo",
        "BASE64, '', ''",
        "BASE64, 'Zm\r\n9v\n', foo",
        "HEX, 666F6f, foo",
        "HEX, '666f\n', fo",
        "HEX, '', ''"
    })
    void decodes(Decoding decoding, String value, String expected) {
        assertArrayEquals(expected.getBytes(StandardCharsets.UTF_8), decoded(value, decoding));
    }

    @ParameterizedTest
    @CsvSource({
        "BASE64, Zm9*",
        "BASE64, Z",
        "BASE64, Zm8==",
        "BASE64, 'Zm 8='",
        "BASE64, Pz8-",
        "HEX, abc",
        "HEX, 6g",
        "HEX, 0x66",
        "HEX, '6 6 '"
    })
    void refusesWhatIsNotThatEncodingAndShowsNothingOfIt(Decoding decoding, String value) {
        AgentException refused = assertThrows(AgentException.class, () -> decoded(value, decoding));

        assertEquals(FailureKind.NOT_DECODABLE, refused.kind());
        assertFalse(refused.failure().message().contains(value));
        assertNull(refused.getCause());
    }

    /** Of random digits, paddings, line ends and others, of which a third is base64. */
    @Test
    void takesAsBase64WhatTheLibraryTakesWithoutLineEnds() {
        Random random = new Random(6);
        String alphabet = "AZaz09+/9zQ=\n";
        int taken = 0;
        for (int round = 0; round < 20_000; round++) {
            StringBuilder value = new StringBuilder();
            for (int size = random.nextInt(9); size > 0; size--) {
                value.append(alphabet.charAt(random.nextInt(alphabet.length())));
            }
            value.append("=".repeat(random.nextInt(3)));
            Optional<String> expected = decodedByLibrary(value.toString().replace("\n", ""));
            assertEquals(expected, decodedIfAny(value.toString()), value::toString);
            taken += expected.isPresent() ? 1 : 0;
        }
        assertTrue(taken > 3_000, "only " + taken);
    }

    private static Optional<String> decodedByLibrary(String digits) {
        try {
            return Optional.of(HexFormat.of().formatHex(Base64.getDecoder().decode(digits)));
        } catch (IllegalArgumentException notBase64) {
            return Optional.empty();
        }
    }

    private static Optional<String> decodedIfAny(String value) {
        try {
            return Optional.of(HexFormat.of().formatHex(decoded(value, Decoding.BASE64)));
        } catch (AgentException notBase64) {
            return Optional.empty();
        }
    }

    @Test
    void decodesWhatWasEncodedOfAnySize() {
        Random random = new Random(8);
        for (int size = 0; size < 200; size++) {
            byte[] value = new byte[size];
            random.nextBytes(value);
            assertArrayEquals(value, decoded(encoded(value, Encoding.BASE64), Decoding.BASE64));
            assertArrayEquals(value, decoded(encoded(value, Encoding.HEX), Decoding.HEX));
        }
    }

    private static byte[] decoded(String value, Decoding decoding) {
        ByteBuffer digits = ByteBuffer.wrap(value.getBytes(StandardCharsets.UTF_8));
        ByteBuffer to = ByteBuffer.allocateDirect(Decoder.most(decoding, digits.remaining()));
        Decoder.decode(digits, decoding, to);
        byte[] decoded = new byte[to.flip().remaining()];
        to.get(decoded);
        return decoded;
    }

    private static String encoded(byte[] value, Encoding encoding) {
        try (Block block = new Block(new FakeMemory(), 10_000)) {
            block.begin("A");
            Encoder.encode(ByteBuffer.allocateDirect(value.length).put(value).flip(), encoding, block);
            WipedSegment made = block.finish();
            byte[] bytes = new byte[made.buffer().capacity()];
            made.buffer().get(0, bytes);
            return new String(bytes, 2, bytes.length - 2, StandardCharsets.UTF_8);
        }
    }
}
