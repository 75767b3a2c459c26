package dev.latchkey.agent.injection;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.json.JsonString;
import dev.latchkey.agent.secret.SecretReference.Decoding;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Decodes a stored value. Line ends within it are passed over, for the usual tools wrap their lines and end the last one; anything else that
 * is no digit of the encoding is refused. Base64 may lack its padding.
 *
 * <p>SECURITY: by hand, because the library's decoder of buffers goes through arrays that nobody wipes, and its message shows a byte of the value.
 */
final class Decoder {
    private static final int SIX_BITS = 6;
    private static final int DIGITS_OF_THREE = 4;
    private static final byte[] BASE64_DIGITS = new byte[1 << 7];

    static {
        Arrays.fill(BASE64_DIGITS, (byte) -1);
        for (int i = 0; i < Encoder.BASE64.length(); i++) {
            BASE64_DIGITS[Encoder.BASE64.charAt(i)] = (byte) i;
        }
    }

    private Decoder() {}

    /** The most bytes that a value of that size can become. */
    static int most(Decoding decoding, int size) {
        return switch (decoding) {
            case BASE64 -> size / 4 * 3 + 3;
            case HEX -> size / 2;
        };
    }

    /**
     * Decodes what remains of a value.
     *
     * @throws AgentException of kind {@code NOT_DECODABLE}; then part of it may have been written
     */
    static void decode(ByteBuffer value, Decoding decoding, ByteBuffer to) {
        switch (decoding) {
            case BASE64 -> base64(value, to);
            case HEX -> hex(value, to);
        }
    }

    private static void hex(ByteBuffer value, ByteBuffer to) {
        int digits = 0;
        int bits = 0;
        while (value.hasRemaining()) {
            byte b = value.get();
            if (isLineEnd(b)) {
                continue;
            }
            int digit = JsonString.hexDigit(b);
            if (digit < 0) {
                throw notDecodable(Decoding.HEX);
            }
            bits = bits << 4 | digit;
            if (++digits % 2 == 0) {
                to.put((byte) bits);
            }
        }
        if (digits % 2 != 0) {
            throw notDecodable(Decoding.HEX);
        }
    }

    private static void base64(ByteBuffer value, ByteBuffer to) {
        int digits = 0;
        int padding = 0;
        int bits = 0;
        while (value.hasRemaining()) {
            byte b = value.get();
            int digit = b < 0 ? -1 : BASE64_DIGITS[b];
            if (digit >= 0 && padding == 0) {
                bits = bits << SIX_BITS | digit;
                if (++digits % DIGITS_OF_THREE == 0) {
                    to.put((byte) (bits >> 16)).put((byte) (bits >> 8)).put((byte) bits);
                }
            } else if (b == '=') {
                padding++;
            } else if (!isLineEnd(b)) {
                throw notDecodable(Decoding.BASE64);
            }
        }
        endOfBase64(bits, digits % DIGITS_OF_THREE, padding, to);
    }

    /** Two digits that are left over make a byte, three make two; padding either is not there or fills them up. */
    private static void endOfBase64(int bits, int left, int padding, ByteBuffer to) {
        boolean filledUp = left > 0 && left + padding == DIGITS_OF_THREE;
        if (left == 1 || (padding > 0 && !filledUp)) {
            throw notDecodable(Decoding.BASE64);
        }
        switch (left) {
            case 2 -> to.put((byte) (bits >> 4));
            case 3 -> to.put((byte) (bits >> 10)).put((byte) (bits >> 2));
            default -> {}
        }
    }

    private static boolean isLineEnd(byte b) {
        return b == '\n' || b == '\r';
    }

    private static AgentException notDecodable(Decoding decoding) {
        String encoding = switch (decoding) {
            case BASE64 -> "base64";
            case HEX -> "hexadecimal";
        };
        return new AgentException(
                FailureKind.NOT_DECODABLE,
                "the value is not " + encoding,
                "leave out 'decode=' to get it as it is stored");
    }
}
