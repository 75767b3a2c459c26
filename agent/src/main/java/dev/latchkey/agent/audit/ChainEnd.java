package dev.latchkey.agent.audit;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Where an opened chain is to be continued.
 *
 * @param file open for appending
 * @param size of that file
 * @param sequence of the last record; 0: there is none
 * @param hash of the last record
 * @param preface what is to be recorded first
 */
record ChainEnd(LogFile file, long size, long sequence, String hash, List<AuditEvent> preface) {
    /** How much of the end is verified on opening: the start of an agent waits for it, and a cold JVM hashes slowly. */
    private static final int VERIFIED_BYTES = 1 << 13;

    /** Hears of a record that a crash left unfinished, before it is cut off. */
    interface CutListener {
        void cut(long bytes, long offset);
    }

    /**
     * Opens the log, verifies its end, and cuts off a last record without an end, as a crash leaves it.
     *
     * @throws AgentException of kind {@code STATE_UNUSABLE} if the end is damaged in any other way; nothing is changed then
     */
    static ChainEnd open(Path path, CutListener listener) {
        try {
            LogFile file = LogFile.open(path);
            try {
                return read(path, file, listener);
            } catch (IOException | RuntimeException e) {
                file.close();
                throw e;
            }
        } catch (IOException e) {
            throw new AgentException(
                    Failure.of(FailureKind.STATE_UNUSABLE, "audit log " + path + " cannot be opened: " + reason(e)), e);
        }
    }

    /** What an exception of a file says, in words and without the path. */
    static String reason(IOException e) {
        return switch (e) {
            case NoSuchFileException _ -> "there is no such file or folder";
            case AccessDeniedException _ -> "permission denied";
            case FileAlreadyExistsException exists -> exists.getFile() + " is there already";
            case FileSystemException other -> Objects.requireNonNullElse(other.getReason(), "the file system refused");
            default -> Objects.requireNonNullElse(e.getMessage(), e.getClass().getSimpleName());
        };
    }

    private static ChainEnd read(Path path, LogFile file, CutListener listener) throws IOException {
        List<AuditEvent> preface = new ArrayList<>();
        Tail tail = Tail.read(path, file.content());
        if (tail.unfinished() > 0) {
            listener.cut(tail.unfinished(), tail.end());
            file.cutTo(tail.end());
            preface.add(new AuditEvent.Recovered(tail.unfinished(), tail.end()));
        }
        if (tail.last().isPresent()) {
            RecordLine last = tail.last().get();
            return new ChainEnd(file, tail.end(), last.sequence(), last.hash(), preface);
        }
        return afterRotated(path, file, preface);
    }

    /** The current file is empty: the chain begins, or the agent ended between making the file and its first record. */
    private static ChainEnd afterRotated(Path path, LogFile file, List<AuditEvent> preface) throws IOException {
        List<ChainFiles.Rotated> rotated = ChainFiles.allRotated(path);
        if (rotated.isEmpty()) {
            return new ChainEnd(file, 0, 0, RecordLine.NO_HASH, preface);
        }
        Path before = rotated.getLast().path();
        try (RandomAccessFile content = new RandomAccessFile(before.toFile(), "r")) {
            Tail tail = Tail.read(before, content);
            RecordLine last = tail.last().orElseThrow(() -> damaged(before, 0, "it is empty"));
            if (tail.unfinished() > 0) {
                throw damaged(before, tail.end(), "its last record has no end");
            }
            preface.addFirst(new AuditEvent.Continued(String.valueOf(before.getFileName()), last.head()));
            return new ChainEnd(file, 0, last.sequence(), last.hash(), preface);
        }
    }

    private static AgentException damaged(Path path, long offset, String what) {
        return new AgentException(
                FailureKind.STATE_UNUSABLE,
                "audit log " + path + " is damaged before byte " + offset + ": " + what,
                "see 'agent audit verify " + path + "'; to begin a new log and keep this one: mv " + path + " " + path
                        + ".damaged");
    }

    /**
     * The end of one file.
     *
     * @param end of the last whole line
     * @param unfinished bytes after it
     */
    private record Tail(Optional<RecordLine> last, long end, int unfinished) {
        static Tail read(Path path, RandomAccessFile content) throws IOException {
            long place = content.length();
            try {
                BackwardLines lines = new BackwardLines(content);
                long end = lines.end();
                if (!RecordLine.canBegin(lines.rest())) {
                    throw new BadRecordException("what follows the last record is not the beginning of one");
                }
                MessageDigest sha = RecordLine.sha256();
                Optional<RecordLine> last = Optional.empty();
                Optional<RecordLine> newer = Optional.empty();
                while (lines.end() > 0 && end - lines.end() < VERIFIED_BYTES) {
                    place = lines.end();
                    RecordLine line = RecordLine.read(lines.previous().orElseThrow(), sha);
                    if (newer.isPresent() && !newer.get().follows(line)) {
                        throw new BadRecordException("the record after it does not follow it");
                    }
                    newer = Optional.of(line);
                    last = last.or(() -> Optional.of(line));
                }
                return new Tail(last, end, lines.rest().length);
            } catch (BadRecordException e) {
                throw damaged(path, place, String.valueOf(e.getMessage()));
            }
        }
    }
}
