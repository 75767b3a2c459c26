package dev.latchkey.agent.injection;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.json.Utf8;
import dev.latchkey.agent.secret.SecretReference.Encoding;
import java.nio.ByteBuffer;

/**
 * Encodes a value straight into the block, so that no encoded copy is left on the heap.
 *
 * <p>Base64 and base64url have their padding (RFC 4648, section 3.2). {@code url} writes every byte that is not unreserved (RFC 3986) as
 * {@code %XX}, so a value can stand in any part of a URL. {@code json} is a string with its quotes.
 */
final class Encoder {
    private static final String COMMON = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    static final String BASE64 = COMMON + "+/";
    private static final String BASE64URL = COMMON + "-_";
    private static final String UNRESERVED = COMMON + "-._~";
    private static final String HEX = "0123456789abcdef";
    private static final String URL_HEX = "0123456789ABCDEF";

    private final Sink to;

    private Encoder(Sink to) {
        this.to = to;
    }

    /** The most bytes that a value of that size can become. */
    static long most(Encoding encoding, long size) {
        return switch (encoding) {
            case BASE64, BASE64URL -> (size + 2) / 3 * 4;
            case HEX -> 2 * size;
            case URL -> 3 * size;
            case JSON -> 6 * size + 2;
        };
    }

    /**
     * Encodes what remains of a value.
     *
     * @throws AgentException of kind {@code NOT_DECODABLE} if the value has no such form, and what {@link Sink#put(int)} throws
     */
    static void encode(ByteBuffer value, Encoding encoding, Sink to) {
        Encoder encoder = new Encoder(to);
        switch (encoding) {
            case BASE64 -> encoder.base64(value, BASE64);
            case BASE64URL -> encoder.base64(value, BASE64URL);
            case HEX -> encoder.hex(value);
            case URL -> encoder.url(value);
            case JSON -> encoder.json(value);
        }
    }

    private void base64(ByteBuffer value, String alphabet) {
        for (int i = value.position(); i < value.limit(); i += 3) {
            int left = Math.min(3, value.limit() - i);
            int bits = at(value, i) << 16 | at(value, i + 1) << 8 | at(value, i + 2);
            to.put(alphabet.charAt(bits >> 18));
            to.put(alphabet.charAt(bits >> 12 & 0x3F));
            to.put(left > 1 ? alphabet.charAt(bits >> 6 & 0x3F) : '=');
            to.put(left > 2 ? alphabet.charAt(bits & 0x3F) : '=');
        }
    }

    private static int at(ByteBuffer value, int index) {
        return index < value.limit() ? value.get(index) & 0xFF : 0;
    }

    private void hex(ByteBuffer value) {
        while (value.hasRemaining()) {
            digits(value.get(), HEX);
        }
    }

    private void url(ByteBuffer value) {
        while (value.hasRemaining()) {
            byte b = value.get();
            if (UNRESERVED.indexOf(b) >= 0) {
                to.put(b);
            } else {
                to.put('%');
                digits(b, URL_HEX);
            }
        }
    }

    private void json(ByteBuffer value) {
        if (!Utf8.isValid(value)) {
            throw new AgentException(
                    FailureKind.NOT_DECODABLE, "the value is not UTF-8, so it has no JSON form", "use encode=base64");
        }
        to.put('"');
        while (value.hasRemaining()) {
            jsonCharacter(value.get());
        }
        to.put('"');
    }

    private void jsonCharacter(byte b) {
        int letter = "\b\f\n\r\t\"\\".indexOf(b);
        if (letter >= 0) {
            to.put('\\');
            to.put("bfnrt\"\\".charAt(letter));
        } else if (b >= 0 && b < ' ') {
            to.put('\\');
            to.put('u');
            to.put('0');
            to.put('0');
            digits(b, HEX);
        } else {
            to.put(b);
        }
    }

    private void digits(byte b, String alphabet) {
        to.put(alphabet.charAt(b >> 4 & 0xF));
        to.put(alphabet.charAt(b & 0xF));
    }
}
