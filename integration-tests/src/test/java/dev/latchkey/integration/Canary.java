package dev.latchkey.integration;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;

/** A value that is nowhere else: 32 random bytes or more, and every form in which they could leak. */
@SuppressWarnings("ArrayRecordComponent") // never compared as a whole
record Canary(byte[] bytes) {
    private static final SecureRandom RANDOM = new SecureRandom();

    /** 32 random bytes of any value but NUL; the last is no newline, so that it may come through stdin. */
    static Canary random() {
        byte[] bytes = new byte[32];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (1 + RANDOM.nextInt(255));
        }
        bytes[31] = 'x';
        return new Canary(bytes);
    }

    /** Letters and digits of 32 random bytes, and before them what encodings change. */
    static Canary text() {
        byte[] bytes = new byte[32];
        RANDOM.nextBytes(bytes);
        return of("\"c/+=& é\\" + HexFormat.of().withUpperCase().formatHex(bytes) + "z");
    }

    /** Only letters and digits: for places that allow nothing else. */
    static Canary word() {
        byte[] bytes = new byte[32];
        RANDOM.nextBytes(bytes);
        return of("w" + HexFormat.of().formatHex(bytes));
    }

    static Canary of(String text) {
        return new Canary(text.getBytes(StandardCharsets.UTF_8));
    }

    String text(java.nio.charset.Charset charset) {
        return new String(bytes, charset);
    }

    String utf8() {
        return text(StandardCharsets.UTF_8);
    }

    /** Each form by its name. A form is only as long as it takes to be unmistakable. */
    Map<String, byte[]> forms() {
        Map<String, byte[]> forms = new LinkedHashMap<>();
        byte[] core = bytes.length > 64 ? Arrays.copyOf(bytes, 64) : bytes;
        forms.put("raw", core);
        forms.put("hex", ascii(HexFormat.of().formatHex(core)));
        forms.put("upper-case hex", ascii(HexFormat.of().withUpperCase().formatHex(core)));
        for (int shift = 0; shift < 3; shift++) {
            byte[] whole = Arrays.copyOfRange(core, shift, core.length - (core.length - shift) % 3);
            forms.put("base64 at " + shift, Base64.getEncoder().encode(whole));
            forms.put("base64url at " + shift, Base64.getUrlEncoder().encode(whole));
        }
        forms.put("URL query", percent(core, true));
        forms.put("URL path", percent(core, false));
        forms.put("JSON", json(core));
        return forms;
    }

    private static byte[] percent(byte[] bytes, boolean plus) {
        StringBuilder text = new StringBuilder();
        for (byte b : bytes) {
            char c = (char) (b & 0xff);
            if (c < 128 && (Character.isLetterOrDigit(c) || "-._~".indexOf(c) >= 0)) {
                text.append(c);
            } else if (c == ' ' && plus) {
                text.append('+');
            } else {
                text.append('%').append(HexFormat.of().withUpperCase().toHexDigits((byte) c));
            }
        }
        return ascii(text.toString());
    }

    private static byte[] json(byte[] bytes) {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        for (byte b : bytes) {
            if (b == '"' || b == '\\') {
                text.write('\\');
                text.write(b);
            } else if (b >= 0 && b < 0x20) {
                text.writeBytes(ascii("\\u00" + HexFormat.of().toHexDigits(b)));
            } else {
                text.write(b);
            }
        }
        return text.toByteArray();
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    @Override
    public String toString() {
        return "[redacted]";
    }
}
