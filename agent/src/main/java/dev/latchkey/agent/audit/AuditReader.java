package dev.latchkey.agent.audit;

import dev.latchkey.agent.failure.AgentException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Reads an audit log, current file and rotated predecessors as one sequence, while an agent writes it or without one. It
 * never changes a file.
 *
 * <p>All methods throw {@link AgentException} of kind {@code STATE_UNUSABLE} if the file is not there or cannot be read,
 * and all but {@link #verify} also if a line in it is no record; the message names it. A record that is being written at that
 * moment is left out. Any thread; may block.
 */
public final class AuditReader {
    private AuditReader() {}

    /**
     * Checks every record that is kept: its hash, its number, its link to the one before, over all files.
     *
     * @param head kept elsewhere; without one only accidents can be found
     */
    public static AuditVerification verify(Path file, Optional<Head> head) {
        throw new UnsupportedOperationException(file + " " + head);
    }

    /** The newest record's head, what {@code audit head} prints; absent while the log is empty. */
    public static Optional<Head> head(Path file) {
        throw new UnsupportedOperationException(file.toString());
    }

    /**
     * The records that the query asks for, in order. An outcome belongs to the secret and workload of its grant. Lazy: close the stream.
     */
    public static Stream<AuditRecord> query(Path file, AuditQuery query) {
        throw new UnsupportedOperationException(file + " " + query);
    }

    /**
     * The newest records, oldest of them first.
     *
     * @param count 0 or more
     */
    public static List<AuditRecord> tail(Path file, int count) {
        throw new UnsupportedOperationException(file + " " + count);
    }

    /**
     * What came after a record, oldest first: a client follows the log by asking again with the last number it got.
     *
     * @param limit the most records to return, the oldest ones
     */
    public static List<AuditRecord> after(Path file, long sequence, int limit) {
        throw new UnsupportedOperationException(file + " " + sequence + " " + limit);
    }
}
