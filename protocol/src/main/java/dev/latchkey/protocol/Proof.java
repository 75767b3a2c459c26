package dev.latchkey.protocol;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * What a client says it is about to execute: SPEC.md, section 4.1. Worth something only from a client that is known to speak the truth.
 *
 * @param executable the SHA-256 of the file, 64 lower-case hexadecimal digits
 * @param arguments the SHA-256 of its arguments, each followed by NUL, likewise
 * @param path where the file was found, absolute
 */
public record Proof(String executable, String arguments, String path) {
    private static final int HASH_BYTES = 32;
    private static final int MAX_PATH = 4_096;
    private static final Pattern HASH = Pattern.compile("[0-9a-f]{64}");

    public Proof {
        if (!HASH.matcher(executable).matches() || !HASH.matcher(arguments).matches()) {
            throw new IllegalStateException("not a SHA-256 of 64 lower-case digits");
        }
        Texts.require(path, 1, MAX_PATH);
        if (!path.startsWith("/")) {
            throw new IllegalStateException("a path that is not absolute");
        }
    }

    static Proof decode(FieldReader in) throws MalformedException {
        String executable = hash(in);
        String arguments = hash(in);
        String path = in.text(MAX_PATH);
        if (!path.startsWith("/")) {
            throw in.badValue("has a path that is not absolute");
        }
        return new Proof(executable, arguments, path);
    }

    private static String hash(FieldReader in) throws MalformedException {
        byte[] bytes = new byte[HASH_BYTES];
        in.bytes(HASH_BYTES).get(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    byte[] encode() {
        byte[] pathBytes = path.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(2 * HASH_BYTES + pathBytes.length)
                .put(HexFormat.of().parseHex(executable))
                .put(HexFormat.of().parseHex(arguments))
                .put(pathBytes)
                .array();
    }
}
