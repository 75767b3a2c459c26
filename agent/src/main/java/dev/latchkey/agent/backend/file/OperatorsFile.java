package dev.latchkey.agent.backend.file;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.failure.IoReason;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;

/** A file that the configuration names and that holds many secrets. */
public final class OperatorsFile {
    private static final int LARGEST = 1 << 20;

    private final byte[] content;
    private final Instant changed;

    private OperatorsFile(byte[] content, Instant changed) {
        this.content = content;
        this.changed = changed;
    }

    /** The bytes themselves. */
    public byte[] content() {
        return content;
    }

    /** When its content changed last. */
    public Instant changed() {
        return changed;
    }

    /**
     * @throws AgentException {@code PROVIDER_DENIED} if the agent may not read it, {@code PROVIDER_MALFORMED} if it is over 1 MiB, else
     *     {@code PROVIDER_UNAVAILABLE}
     */
    public static OperatorsFile read(Path path) {
        try (InputStream in = Files.newInputStream(path)) {
            Instant changed = Files.getLastModifiedTime(path).toInstant();
            byte[] content = in.readNBytes(LARGEST + 1);
            if (content.length > LARGEST) {
                throw new AgentException(FailureKind.PROVIDER_MALFORMED, path + " is over 1 MiB");
            }
            return new OperatorsFile(content, changed);
        } catch (AccessDeniedException e) {
            throw new AgentException(
                    Failure.of(
                            FailureKind.PROVIDER_DENIED,
                            "the agent may not read " + path,
                            "the user that runs the agent must be able to"),
                    e);
        } catch (IOException e) {
            throw new AgentException(
                    Failure.of(FailureKind.PROVIDER_UNAVAILABLE, path + " cannot be read: " + IoReason.of(e)), e);
        }
    }
}
