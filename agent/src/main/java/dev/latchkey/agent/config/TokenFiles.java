package dev.latchkey.agent.config;

import dev.latchkey.agent.workload.BearerToken;
import dev.latchkey.agent.yaml.Located;
import dev.latchkey.agent.yaml.Problems;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Reads the bearer tokens that rules ask for. Of a token only its hash is kept; what was read is zeroed.
 *
 * <p>SECURITY: a token that every user of the machine can read is none, so such a file is refused.
 */
final class TokenFiles {
    /** The longest token that a request can carry. */
    static final int MAX_BYTES = 4_096;

    private static final Set<PosixFilePermission> OF_OTHERS =
            Set.of(PosixFilePermission.OTHERS_READ, PosixFilePermission.OTHERS_WRITE, PosixFilePermission.GROUP_WRITE);

    private final Expansion expansion;
    private final Problems problems;

    TokenFiles(Expansion expansion, Problems problems) {
        this.expansion = expansion;
        this.problems = problems;
    }

    /** The tokens of the files that can be used; the others are reported. */
    Map<Path, BearerToken> read(List<Located<Path>> files) {
        Map<Path, BearerToken> tokens = new HashMap<>();
        files.forEach(file -> read(file).ifPresent(token -> tokens.put(file.value(), token)));
        return tokens;
    }

    private Optional<BearerToken> read(Located<Path> file) {
        String written = Problems.quote(expansion.asWritten(file.map(Path::toString)));
        try {
            if (!Files.isRegularFile(file.value())) {
                return refuse(
                        file, "there is no token file " + written, "token-file names a regular file with the token");
            }
            if (Files.getPosixFilePermissions(file.value()).stream().anyMatch(OF_OTHERS::contains)) {
                return refuse(
                        file,
                        "others can read or write the token file " + written,
                        "chmod 0600 it, or 0640 with the agent's group");
            }
            return content(file, written);
        } catch (IOException e) {
            return refuse(
                    file, "the token file " + written + " cannot be read", "the agent's user must be able to read it");
        }
    }

    private Optional<BearerToken> content(Located<Path> file, String written) throws IOException {
        byte[] bytes = new byte[MAX_BYTES + 2];
        try (InputStream in = Files.newInputStream(file.value())) {
            int read = in.readNBytes(bytes, 0, bytes.length);
            int length = read > 0 && bytes[read - 1] == '\n' ? read - 1 : read;
            return length >= 1 && length <= MAX_BYTES
                    ? Optional.of(token(bytes, length))
                    : refuse(
                            file,
                            "the token file " + written + " does not hold 1 to " + MAX_BYTES + " bytes",
                            "one final newline does not count");
        } finally {
            Arrays.fill(bytes, (byte) 0);
        }
    }

    private static BearerToken token(byte[] bytes, int length) {
        byte[] exact = Arrays.copyOf(bytes, length);
        try {
            return BearerToken.of(exact);
        } finally {
            Arrays.fill(exact, (byte) 0);
        }
    }

    private Optional<BearerToken> refuse(Located<Path> file, String message, String hint) {
        problems.add(file.at(), message, hint);
        return Optional.empty();
    }
}
