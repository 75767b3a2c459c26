package dev.latchkey.agent.cli;

import dev.latchkey.agent.secret.SecretValue;
import java.io.IOException;
import java.io.InputStream;
import java.security.SecureRandom;
import java.util.Arrays;

/** Values as bytes in exactly sized arrays. SECURITY: every array that is given up on the way is zeroed. */
final class Octets {
    private static final String ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    private static final int PIECE = 8192;
    private static final int LARGEST_FILE = 8 << 20;

    private Octets() {}

    /**
     * Reads to the end.
     *
     * @param dropNewline one final newline is not part of the value
     * @throws CommandFailure if it is over 1 MiB
     */
    static Taken read(InputStream in, boolean dropNewline) throws IOException {
        byte[] buffer = new byte[PIECE];
        int filled = 0;
        try {
            for (int read = in.read(buffer, 0, PIECE); read >= 0; read = in.read(buffer, filled, PIECE)) {
                filled += read;
                if (filled > SecretValue.MAX_BYTES + 1) {
                    throw tooLong();
                }
                buffer = withRoom(buffer, filled);
            }
            boolean dropped = dropNewline && filled > 0 && buffer[filled - 1] == '\n';
            int size = dropped ? filled - 1 : filled;
            if (size > SecretValue.MAX_BYTES) {
                throw tooLong();
            }
            return new Taken(SecretValue.owning(Arrays.copyOf(buffer, size)), dropped);
        } finally {
            Arrays.fill(buffer, (byte) 0);
        }
    }

    /** What was read, and whether a final newline was left out. */
    record Taken(SecretValue value, boolean newlineDropped) {}

    /** So many characters of A-Za-z0-9, each as likely as any other. */
    static SecretValue generate(int length, SecureRandom random) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) ALPHABET.charAt(random.nextInt(ALPHABET.length()));
        }
        return SecretValue.owning(bytes);
    }

    /**
     * Reads a file of many values to the end; it is the caller's to wipe.
     *
     * @throws CommandFailure if it is over 8 MiB
     */
    static byte[] readFile(InputStream in) throws IOException {
        byte[] buffer = new byte[PIECE];
        int filled = 0;
        try {
            for (int read = in.read(buffer, 0, PIECE); read >= 0; read = in.read(buffer, filled, PIECE)) {
                filled += read;
                if (filled > LARGEST_FILE) {
                    throw CommandFailure.failed(
                            "bad-value", "there is more than 8 MiB of it", "import it in several files");
                }
                buffer = withRoom(buffer, filled);
            }
            return Arrays.copyOf(buffer, filled);
        } finally {
            Arrays.fill(buffer, (byte) 0);
        }
    }

    private static byte[] withRoom(byte[] buffer, int filled) {
        if (buffer.length - filled >= PIECE) {
            return buffer;
        }
        byte[] larger = Arrays.copyOf(buffer, buffer.length * 2 + PIECE);
        Arrays.fill(buffer, (byte) 0);
        return larger;
    }

    private static CommandFailure tooLong() {
        return CommandFailure.failed("bad-value", "the value is over 1 MiB", "a secret has at most 1048576 bytes");
    }
}
