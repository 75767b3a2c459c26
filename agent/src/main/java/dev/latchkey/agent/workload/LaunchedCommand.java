package dev.latchkey.agent.workload;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * What a launcher says it is about to become. SECURITY: means something only of a launcher that is known to speak the truth.
 *
 * @param path where it was found, absolute
 * @param content the hash of the file; absent only where a caller is supposed
 * @param arguments the hash of its arguments, as {@link #hashOf} makes it
 */
public record LaunchedCommand(String path, Optional<Sha256> content, Sha256 arguments) {
    /** Of each argument with the NUL that ends it, the name of the program not among them. */
    public static Sha256 hashOf(List<String> arguments) {
        MessageDigest digest = sha256();
        for (String argument : arguments) {
            digest.update(argument.getBytes(StandardCharsets.UTF_8));
            digest.update((byte) 0);
        }
        return new Sha256(HexFormat.of().formatHex(digest.digest()));
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
