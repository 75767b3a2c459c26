package dev.latchkey.agent.audit;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;

/** Just enough of RFC 7468 and RFC 8410 for an Ed25519 key: 32 bytes behind a prefix that never changes, one line of base64. */
final class Pem {
    private static final int KEY_BYTES = 32;

    private Pem() {}

    static byte[] write(String label, byte[] der) {
        byte[] body = Base64.getEncoder().encode(der);
        try {
            return join(join(bytes(begin(label) + "\n"), body), bytes("\n" + end(label) + "\n"));
        } finally {
            Arrays.fill(body, (byte) 0);
        }
    }

    /** The 32 bytes; nothing if the text is anything else. */
    static Optional<byte[]> read(String label, byte[] prefix, byte[] text) {
        byte[] begin = bytes(begin(label) + "\n");
        byte[] end = bytes("\n" + end(label) + "\n");
        int bodyEnd = text.length - end.length;
        if (bodyEnd < begin.length
                || !Arrays.equals(text, 0, begin.length, begin, 0, begin.length)
                || !Arrays.equals(text, bodyEnd, text.length, end, 0, end.length)) {
            return Optional.empty();
        }
        byte[] body = Arrays.copyOfRange(text, begin.length, bodyEnd);
        byte[] der = {};
        try {
            der = Base64.getDecoder().decode(body);
            boolean good = der.length == prefix.length + KEY_BYTES
                    && Arrays.equals(der, 0, prefix.length, prefix, 0, prefix.length);
            return good ? Optional.of(Arrays.copyOfRange(der, prefix.length, der.length)) : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        } finally {
            Arrays.fill(body, (byte) 0);
            Arrays.fill(der, (byte) 0);
        }
    }

    static byte[] join(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    private static String begin(String label) {
        return "-----BEGIN " + label + "-----";
    }

    private static String end(String label) {
        return "-----END " + label + "-----";
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
