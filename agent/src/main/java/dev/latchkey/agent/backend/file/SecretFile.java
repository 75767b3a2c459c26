package dev.latchkey.agent.backend.file;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.secret.SecretValue;
import dev.latchkey.agent.sys.ErrnoException;
import dev.latchkey.agent.sys.FileCalls;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;

/**
 * What a file held when it was read.
 *
 * @param value the reader's to close
 * @param changed when its content changed last
 */
public record SecretFile(SecretValue value, Instant changed) {
    private static final int OTHERS = 077;

    /**
     * What may be read.
     *
     * @param largest in bytes
     * @param owners only a file of these that nobody else may touch; absent: any that can be opened
     */
    public record Limits(int largest, Optional<Owners> owners) {}

    /** Whose files count as private: the agent's own and root's. */
    public record Owners(long agent) {
        boolean include(long uid) {
            return uid == agent || uid == 0;
        }
    }

    /**
     * Reads a file below a folder; links count only if they stay below it.
     *
     * @param path relative
     * @return absent if it is not there
     * @throws AgentException {@code PROVIDER_DENIED}, {@code PROVIDER_MALFORMED} for what is no regular file or too large, else
     *     {@code PROVIDER_UNAVAILABLE}
     */
    public static Optional<SecretFile> beneath(Path folder, String path, Limits limits) {
        int descriptor;
        try {
            descriptor = FileCalls.openBeneath(folder, path);
        } catch (ErrnoException e) {
            return notOpened(folder, e);
        }
        try {
            return Optional.of(read(descriptor, limits));
        } catch (ErrnoException e) {
            throw new AgentException(Failure.of(FailureKind.PROVIDER_UNAVAILABLE, "the file cannot be read"), e);
        } finally {
            FileCalls.close(descriptor);
        }
    }

    private static Optional<SecretFile> notOpened(Path folder, ErrnoException e) {
        return switch (e.errno()) {
            case ErrnoException.ENOENT, ErrnoException.ENOTDIR -> notThere(folder);
            case ErrnoException.EXDEV, ErrnoException.ELOOP ->
                throw new AgentException(
                        FailureKind.PROVIDER_DENIED,
                        "the file is a link that leads out of " + folder,
                        "links count only within the folder, and only relative ones");
            case ErrnoException.EACCES ->
                throw new AgentException(
                        FailureKind.PROVIDER_DENIED,
                        "the agent may not read the file",
                        "the user that runs the agent must be able to");
            default ->
                throw new AgentException(
                        Failure.of(FailureKind.PROVIDER_UNAVAILABLE, "the file cannot be opened below " + folder), e);
        };
    }

    private static Optional<SecretFile> notThere(Path folder) {
        if (!Files.isDirectory(folder)) {
            throw new AgentException(FailureKind.PROVIDER_UNAVAILABLE, "there is no folder " + folder);
        }
        return Optional.empty();
    }

    private static SecretFile read(int descriptor, Limits limits) {
        FileCalls.Facts facts = FileCalls.facts(descriptor);
        if (!facts.isRegular()) {
            throw new AgentException(FailureKind.PROVIDER_MALFORMED, "it is no regular file");
        }
        limits.owners().ifPresent(owners -> requirePrivate(facts, owners));
        if (facts.size() > limits.largest()) {
            throw tooLarge(limits);
        }
        return new SecretFile(content(descriptor, facts, limits), Instant.ofEpochSecond(facts.changed()));
    }

    /** SECURITY: before a byte is read: what others can write they could have put there, what they can read is none of ours to guard. */
    private static void requirePrivate(FileCalls.Facts facts, Owners owners) {
        if ((facts.permissions() & OTHERS) != 0) {
            throw new AgentException(
                    FailureKind.PROVIDER_DENIED,
                    "others than its owner can use the file: mode " + String.format("%04o", facts.permissions()),
                    "chmod it to 0600 or 0400, or configure 'mode: any'");
        }
        if (!owners.include(facts.uid())) {
            throw new AgentException(
                    FailureKind.PROVIDER_DENIED,
                    "the file belongs to uid " + facts.uid(),
                    "a private file is the agent's or root's; or configure 'mode: any'");
        }
    }

    /** One byte more than it should have, so that a file that grows meanwhile is noticed. */
    private static SecretValue content(int descriptor, FileCalls.Facts facts, Limits limits) {
        ByteBuffer buffer = ByteBuffer.allocateDirect((int) Math.min(limits.largest(), facts.size() + 4096) + 1);
        try {
            int read;
            do {
                read = FileCalls.read(descriptor, buffer);
            } while (read > 0 && buffer.hasRemaining());
            if (!buffer.hasRemaining()) {
                throw tooLarge(limits);
            }
            byte[] bytes = new byte[buffer.flip().remaining()];
            buffer.get(bytes);
            return SecretValue.owning(bytes);
        } finally {
            wipe(buffer);
        }
    }

    private static void wipe(ByteBuffer buffer) {
        buffer.clear();
        while (buffer.remaining() >= Long.BYTES) {
            buffer.putLong(0);
        }
        while (buffer.hasRemaining()) {
            buffer.put((byte) 0);
        }
    }

    private static AgentException tooLarge(Limits limits) {
        return new AgentException(
                FailureKind.PROVIDER_MALFORMED, "the file is over " + limits.largest() + " bytes, or grows");
    }
}
