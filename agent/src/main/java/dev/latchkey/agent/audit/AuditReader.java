package dev.latchkey.agent.audit;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Reads an audit log, rotated files and current one as one sequence, while an agent writes it or without one. It never changes a file.
 *
 * <p>All methods throw {@link AgentException} of kind {@code STATE_UNUSABLE} if the file is not there or cannot be read,
 * and all but {@link #verify} also if a line that they come by is no record; the message names it. A record that is being
 * written at that moment is left out. Any thread; may block.
 */
public final class AuditReader {
    private AuditReader() {}

    /**
     * Checks every record that is kept: its hash, its number, its link to the one before, the signatures of checkpoints, over all files.
     *
     * @param file the current file, or a rotated one to verify the log up to its end
     * @param trust what was kept elsewhere; without anything only accidents can be found
     */
    public static AuditVerification verify(Path file, Trust trust) {
        return reading(file, () -> new Verifier(trust).verify(file, Patience.USUAL));
    }

    /** The newest record's head, what {@code audit head} prints; absent while the log is empty. */
    public static Optional<Head> head(Path file) {
        return reading(file, () -> newest(file)).map(RecordLine::head);
    }

    /**
     * The records that the query asks for, in order. An outcome goes with the secrets and the workload of its grant. Lazy, one record in memory
     * at a time, so the exceptions may come from the stream; close it.
     *
     * @param before runs before each record that is looked at, and ends it all by throwing
     */
    public static Stream<AuditRecord> query(Path file, AuditQuery query, Runnable before) {
        RecordIterator records = reading(file, () -> new RecordIterator(file, 1));
        return records.stream().peek(_ -> before.run()).filter(new QueryFilter(query));
    }

    /**
     * The newest records, the oldest of them first; those that come while they are read are not among them. Lazy as {@link #query}; close it.
     *
     * @param count 0 or more
     */
    public static Stream<AuditRecord> tail(Path file, long count) {
        return reading(file, () -> {
            long newest = newest(file).map(RecordLine::sequence).orElse(0L);
            RecordIterator records = new RecordIterator(file, Math.max(1, newest - count + 1));
            return records.stream()
                    .takeWhile(record -> record.sequence() <= newest)
                    .limit(count);
        });
    }

    /** The last whole line of all files. */
    private static Optional<RecordLine> newest(Path file) throws IOException {
        // INVARIANT: opened before the folder is listed, as in ChainWalk.
        Optional<RandomAccessFile> current = ChainFiles.open(file);
        Optional<RecordLine> last = last(file, current);
        if (last.isPresent()) {
            return last;
        }
        Optional<Path> rotated = ChainFiles.before(file).reversed().stream()
                .map(ChainFiles.Rotated::path)
                .findFirst();
        if (rotated.isEmpty() && current.isEmpty()) {
            throw new NoSuchFileException(file.toString());
        }
        return rotated.isEmpty() ? last : last(rotated.get(), ChainFiles.open(rotated.get()));
    }

    /** Closes the file. */
    private static Optional<RecordLine> last(Path path, Optional<RandomAccessFile> file) throws IOException {
        if (file.isEmpty()) {
            return Optional.empty();
        }
        try (RandomAccessFile content = file.get()) {
            Optional<byte[]> line = new BackwardLines(content).previous();
            return line.isEmpty() ? Optional.empty() : Optional.of(RecordLine.read(line.get(), RecordLine.sha256()));
        } catch (BadRecordException e) {
            throw damaged(path, e);
        }
    }

    static AgentException damaged(Path path, BadRecordException e) {
        return new AgentException(
                FailureKind.STATE_UNUSABLE,
                "audit log " + path + " is damaged: a line is no record, " + e.getMessage(),
                "'agent audit verify " + path + "' names it");
    }

    static AgentException unreadable(Path path, IOException e) {
        return new AgentException(
                Failure.of(FailureKind.STATE_UNUSABLE, "audit log " + path + " cannot be read: " + ChainEnd.reason(e)),
                e);
    }

    private static <T> T reading(Path file, Reading<T> reading) {
        try {
            return reading.run();
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    private interface Reading<T> {
        T run() throws IOException;
    }
}
