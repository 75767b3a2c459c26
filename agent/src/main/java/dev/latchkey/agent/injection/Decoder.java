package dev.latchkey.agent.injection;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.json.JsonString;
import dev.latchkey.agent.secret.SecretReference.Decoding;
import dev.latchkey.agent.secret.SecretValue;
import java.util.Arrays;
import java.util.Base64;

/**
 * Decodes a stored value. Line ends within it are passed over, for the usual tools wrap their lines and end the last one; anything else that
 * is no digit of the encoding is refused. Base64 may lack its padding.
 */
final class Decoder {
    private Decoder() {}

    /**
     * @throws AgentException of kind {@code NOT_DECODABLE}
     */
    static SecretValue decode(byte[] value, Decoding decoding) {
        byte[] digits = withoutLineEnds(value);
        try {
            return SecretValue.owning(
                    switch (decoding) {
                        case BASE64 -> base64(digits);
                        case HEX -> hex(digits);
                    });
        } finally {
            Arrays.fill(digits, (byte) 0);
        }
    }

    private static byte[] withoutLineEnds(byte[] value) {
        int length = 0;
        for (byte b : value) {
            length += isLineEnd(b) ? 0 : 1;
        }
        byte[] digits = new byte[length];
        int to = 0;
        for (byte b : value) {
            if (!isLineEnd(b)) {
                digits[to++] = b;
            }
        }
        return digits;
    }

    private static boolean isLineEnd(byte b) {
        return b == '\n' || b == '\r';
    }

    /** SECURITY: the library's message shows a byte of the value, so its exception is not passed on as a cause. */
    private static byte[] base64(byte[] digits) {
        byte[] room = new byte[digits.length / 4 * 3 + 3];
        try {
            return Arrays.copyOf(room, Base64.getDecoder().decode(digits, room));
        } catch (IllegalArgumentException notBase64) {
            throw notDecodable("base64");
        } finally {
            Arrays.fill(room, (byte) 0);
        }
    }

    private static byte[] hex(byte[] digits) {
        if (digits.length % 2 != 0) {
            throw notDecodable("hexadecimal");
        }
        byte[] decoded = new byte[digits.length / 2];
        for (int i = 0; i < decoded.length; i++) {
            int high = JsonString.hexDigit(digits[2 * i]);
            int low = JsonString.hexDigit(digits[2 * i + 1]);
            if (high < 0 || low < 0) {
                Arrays.fill(decoded, (byte) 0);
                throw notDecodable("hexadecimal");
            }
            decoded[i] = (byte) (high << 4 | low);
        }
        return decoded;
    }

    private static AgentException notDecodable(String encoding) {
        return new AgentException(
                FailureKind.NOT_DECODABLE,
                "the value is not " + encoding,
                "leave out 'decode=' to get it as it is stored");
    }
}
