package dev.latchkey.agent.audit;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
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
        return reading(file, () -> new Verifier(trust).verify(file, ForwardLines.PATIENCE));
    }

    /** The newest record's head, what {@code audit head} prints; absent while the log is empty. */
    public static Optional<Head> head(Path file) {
        return tail(file, 1).stream().map(AuditRecord::head).findFirst();
    }

    /**
     * The records that the query asks for, in order. An outcome goes with the secrets and the workload of its grant. Lazy, so the
     * exceptions may come from the stream; close it.
     */
    public static Stream<AuditRecord> query(Path file, AuditQuery query) {
        RecordIterator records = reading(file, () -> new RecordIterator(file));
        return records.stream().filter(new QueryFilter(query));
    }

    /**
     * The newest records, the oldest of them first.
     *
     * @param count 0 or more
     */
    public static List<AuditRecord> tail(Path file, int count) {
        return backward(file, count, _ -> true);
    }

    /**
     * What came after a record, oldest first. A client follows the log by asking again with the last number it got.
     *
     * @param limit the most records to return; the newest are left out
     */
    public static List<AuditRecord> after(Path file, long sequence, int limit) {
        List<AuditRecord> newer = backward(file, Integer.MAX_VALUE, record -> record.sequence() > sequence);
        return List.copyOf(newer.subList(0, Math.min(limit, newer.size())));
    }

    /** At most that many records from the end, as long as they are wanted. */
    private static List<AuditRecord> backward(Path file, int count, Predicate<AuditRecord> wanted) {
        return reading(file, () -> {
            if (!Files.exists(file)) {
                // While a file is rotated there is none under its name for a moment.
                LockSupport.parkNanos(ForwardLines.PATIENCE.toNanos());
            }
            Deque<AuditRecord> found = new ArrayDeque<>();
            Optional<Path> path = Files.exists(file) ? Optional.of(file) : before(file, found);
            if (path.isEmpty()) {
                throw new NoSuchFileException(file.toString());
            }
            while (path.isPresent() && backward(path.get(), found, count, wanted)) {
                path = before(file, found);
            }
            return List.copyOf(found);
        });
    }

    /** Whether the file before is to be read too. */
    private static boolean backward(Path path, Deque<AuditRecord> found, int count, Predicate<AuditRecord> wanted)
            throws IOException {
        MessageDigest sha = RecordLine.sha256();
        RecordParser parser = new RecordParser();
        try (RandomAccessFile content = new RandomAccessFile(path.toFile(), "r")) {
            BackwardLines lines = new BackwardLines(content);
            while (found.size() < count) {
                Optional<byte[]> line = lines.previous();
                if (line.isEmpty()) {
                    return true;
                }
                AuditRecord record = parser.parse(RecordLine.read(line.get(), sha), line.get());
                if (!wanted.test(record)) {
                    return false;
                }
                found.addFirst(record);
            }
            return false;
        } catch (FileNotFoundException e) {
            if (Files.exists(path)) {
                throw e;
            }
            return true; // It was rotated just now.
        } catch (BadRecordException e) {
            throw damaged(path, e);
        }
    }

    /** The newest rotated file that lies wholly before what was found: by number, for a file may be rotated while it is read. */
    private static Optional<Path> before(Path file, Deque<AuditRecord> found) throws IOException {
        long first = found.isEmpty() ? Long.MAX_VALUE : found.getFirst().sequence();
        return ChainFiles.before(file).reversed().stream()
                .filter(rotated -> rotated.last() < first)
                .map(ChainFiles.Rotated::path)
                .findFirst();
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
