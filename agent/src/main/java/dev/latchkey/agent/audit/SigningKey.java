package dev.latchkey.agent.audit;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.spec.NamedParameterSpec;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The private half of the key that signs checkpoints, in a file of the state folder (PKCS #8 in PEM).
 *
 * <p>Opening it reads or makes 32 bytes and touches no cryptography, for the start of the agent waits for it. The JDK's Ed25519 is loaded
 * with the first signature. Any thread may sign, one at a time.
 *
 * <p>SECURITY: it opens no secret, and the JDK keeps a copy on the heap; what protects it is that the process cannot be dumped
 * and the file is the agent's alone.
 */
public final class SigningKey {
    /** Its name in the state folder. */
    public static final String FILE = "audit.key";

    static final int BYTES = 32;

    private static final String LABEL = "PRIVATE KEY";

    /** What stands before the 32 bytes in DER (RFC 8410). */
    private static final byte[] DER_PREFIX = HexFormat.of().parseHex("302e020100300506032b657004220420");

    private static final int MAX_BYTES = 1024;
    private static final Set<PosixFilePermission> PRIVATE = PosixFilePermissions.fromString("rw-------");

    private final byte[] seed;
    private @Nullable KeyPair pair;

    private SigningKey(byte[] seed) {
        this.seed = seed;
    }

    /**
     * Reads the key of a state folder, or makes one.
     *
     * @param made hears of the file if it was made
     * @throws AgentException of kind {@code STATE_UNUSABLE}
     */
    public static SigningKey open(Path folder, SecureRandom random, Consumer<Path> made) {
        Path file = folder.resolve(FILE);
        Optional<SigningKey> found = find(folder);
        if (found.isPresent()) {
            return found.get();
        }
        byte[] seed = new byte[BYTES];
        random.nextBytes(seed);
        try {
            create(file, seed);
        } catch (IOException e) {
            throw unusable(file, "cannot be made: " + ChainEnd.reason(e), "the state folder must be writable", e);
        }
        made.accept(file);
        return new SigningKey(seed);
    }

    /**
     * The key of a state folder, if there is one.
     *
     * @throws AgentException of kind {@code STATE_UNUSABLE} if there is one that cannot be used
     */
    public static Optional<SigningKey> find(Path folder) {
        Path file = folder.resolve(FILE);
        byte[] text = {};
        try {
            if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
                return Optional.empty();
            }
            requirePrivate(file);
            text = read(file);
            return Optional.of(new SigningKey(Pem.read(LABEL, DER_PREFIX, text)
                    .orElseThrow(() -> unusable(
                            file,
                            "is damaged",
                            "put back a good copy of it, or move it and the audit log aside to begin new ones",
                            null))));
        } catch (IOException e) {
            throw unusable(file, "cannot be read: " + ChainEnd.reason(e), "it must be a file of the agent's user", e);
        } finally {
            Arrays.fill(text, (byte) 0);
        }
    }

    /** SECURITY: with a key that others could read, its signatures say nothing. */
    private static void requirePrivate(Path file) throws IOException {
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            throw new IOException("it is not a regular file");
        }
        if (!PRIVATE.containsAll(Files.getPosixFilePermissions(file))) {
            throw unusable(
                    file,
                    "is open to others",
                    "chmod 600 " + file + "; if somebody could have read it, move it and the audit log aside",
                    null);
        }
    }

    private static byte[] read(Path file) throws IOException {
        try (FileInputStream in = new FileInputStream(file.toFile())) {
            return in.readNBytes(MAX_BYTES);
        }
    }

    /** Whole or not at all, and on the disk before it signs anything. */
    private static void create(Path file, byte[] seed) throws IOException {
        byte[] der = Pem.join(DER_PREFIX, seed);
        byte[] text = Pem.write(LABEL, der);
        Path fresh = file.resolveSibling(FILE + ".new");
        Files.deleteIfExists(fresh);
        Files.createFile(fresh, PosixFilePermissions.asFileAttribute(PRIVATE));
        try (FileOutputStream out = new FileOutputStream(fresh.toFile())) {
            out.write(text);
            out.getFD().sync();
        } finally {
            Arrays.fill(der, (byte) 0);
            Arrays.fill(text, (byte) 0);
        }
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    }

    /** The half that others may know. */
    public synchronized CheckpointKey publicKey() {
        return CheckpointKey.of(pair().getPublic());
    }

    /** Signs that the record of this head, and with it everything before, was there. */
    synchronized AuditEvent.Checkpoint sign(Head head, AuditClock clock) {
        String time = clock.wall().instant().truncatedTo(ChronoUnit.SECONDS).toString();
        CheckpointKey key = publicKey();
        byte[] signature = sign(pair().getPrivate(), text(key, clock.boot(), time, head.toString()));
        return new AuditEvent.Checkpoint(head, time, key, HexFormat.of().formatHex(signature));
    }

    /** What a checkpoint signs: nothing in it can stand for anything else. */
    static byte[] text(CheckpointKey key, String boot, String time, String head) {
        return String.join("\n", "latchkey-audit-checkpoint-1", key.hex(), boot, time, head, "")
                .getBytes(StandardCharsets.US_ASCII);
    }

    private KeyPair pair() {
        KeyPair made = pair;
        if (made == null) {
            made = derive(seed);
            pair = made;
            Arrays.fill(seed, (byte) 0);
        }
        return made;
    }

    /** A private key is 32 random bytes, and the JDK derives the public one only while it generates: so it is given these bytes as its random ones. */
    private static KeyPair derive(byte[] seed) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(CheckpointKey.ALGORITHM);
            generator.initialize(NamedParameterSpec.ED25519, new Given(seed));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has Ed25519", e);
        }
    }

    private static byte[] sign(PrivateKey key, byte[] text) {
        try {
            Signature signer = Signature.getInstance(CheckpointKey.ALGORITHM);
            signer.initSign(key);
            signer.update(text);
            return signer.sign();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Ed25519 signs any text", e);
        }
    }

    private static AgentException unusable(Path file, String what, String hint, @Nullable Throwable cause) {
        return new AgentException(
                Failure.of(FailureKind.STATE_UNUSABLE, "audit key " + file + " " + what, hint), cause);
    }

    /** Gives the bytes it was made with, once. */
    @SuppressWarnings("serial") // never serialized
    private static final class Given extends SecureRandom {
        private final byte[] bytes;

        Given(byte[] bytes) {
            this.bytes = bytes;
        }

        @Override
        public void nextBytes(byte[] to) {
            if (to.length != bytes.length) {
                throw new IllegalStateException("asked for " + to.length + " bytes of a key of " + bytes.length);
            }
            System.arraycopy(bytes, 0, to, 0, to.length);
        }
    }
}
