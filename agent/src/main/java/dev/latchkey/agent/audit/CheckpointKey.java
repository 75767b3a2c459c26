package dev.latchkey.agent.audit;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * The public half of the key that signs checkpoints. It is also what names the log: an agent has one key, and a checkpoint says whose it is.
 *
 * @param hex the 32 bytes of RFC 8032, 64 lower-case hexadecimal digits
 */
public record CheckpointKey(String hex) {
    static final String ALGORITHM = "Ed25519";

    /** What stands before the 32 bytes in DER (RFC 8410). */
    private static final byte[] DER_PREFIX = HexFormat.of().parseHex("302a300506032b6570032100");

    private static final int MAX_PEM_BYTES = 4096;
    private static final String LABEL = "PUBLIC KEY";
    private static final int SHOWN_DIGITS = 16;
    private static final Pattern HEX = Pattern.compile("[0-9a-f]{64}");

    public CheckpointKey {
        if (!isKey(hex)) {
            throw new IllegalStateException("not an Ed25519 public key");
        }
    }

    static boolean isKey(String hex) {
        return HEX.matcher(hex).matches();
    }

    /** The form that other tools read, with its final newline. */
    public String pem() {
        return new String(Pem.write(LABEL, der()), StandardCharsets.US_ASCII);
    }

    /** Enough of it to tell it from others. */
    public String shown() {
        return hex.substring(0, SHOWN_DIGITS);
    }

    private byte[] der() {
        return Pem.join(DER_PREFIX, HexFormat.of().parseHex(hex));
    }

    /**
     * Reads a file as {@code agent audit key} prints it.
     *
     * @throws AgentException of kind {@code BAD_ARGUMENT} if it is not there or holds anything else
     */
    public static CheckpointKey read(Path file) {
        try {
            if (Files.size(file) > MAX_PEM_BYTES) {
                throw notAKey(file);
            }
            return Pem.read(LABEL, DER_PREFIX, Files.readAllBytes(file))
                    .map(key -> new CheckpointKey(HexFormat.of().formatHex(key)))
                    .orElseThrow(() -> notAKey(file));
        } catch (IOException e) {
            throw new AgentException(
                    Failure.of(
                            FailureKind.BAD_ARGUMENT, "public key " + file + " cannot be read: " + ChainEnd.reason(e)),
                    e);
        }
    }

    private static AgentException notAKey(Path file) {
        return new AgentException(
                FailureKind.BAD_ARGUMENT,
                "file " + file + " is not an Ed25519 public key in PEM",
                "'agent audit key' prints one");
    }

    /** Whether it signed that text. A key that is no point of the curve signed nothing. */
    boolean signed(byte[] text, byte[] signature) {
        try {
            PublicKey key = KeyFactory.getInstance(ALGORITHM).generatePublic(new X509EncodedKeySpec(der()));
            Signature verifier = Signature.getInstance(ALGORITHM);
            verifier.initVerify(key);
            verifier.update(text);
            return verifier.verify(signature);
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    /** The 32 bytes in the DER form that the JDK gives. */
    static CheckpointKey of(PublicKey key) {
        byte[] der = key.getEncoded();
        return new CheckpointKey(HexFormat.of().formatHex(der, DER_PREFIX.length, der.length));
    }
}
