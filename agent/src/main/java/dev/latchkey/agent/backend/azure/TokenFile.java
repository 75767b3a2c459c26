package dev.latchkey.agent.backend.azure;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.failure.IoReason;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** A file with a token that somebody else writes. */
record TokenFile(Path path) {
    private static final int LONGEST = 64 << 10;

    String read() {
        try (InputStream in = Files.newInputStream(path)) {
            String text = new String(in.readNBytes(LONGEST + 1), StandardCharsets.US_ASCII).strip();
            if (text.isEmpty() || text.length() > LONGEST) {
                throw new AgentException(FailureKind.PROVIDER_DENIED, path + " holds no token");
            }
            return text;
        } catch (IOException e) {
            throw new AgentException(
                    Failure.of(FailureKind.PROVIDER_DENIED, path + " cannot be read: " + IoReason.of(e)), e);
        }
    }
}
