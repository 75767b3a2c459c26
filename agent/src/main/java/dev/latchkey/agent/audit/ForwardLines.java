package dev.latchkey.agent.audit;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/** The lines of a file from its beginning to what is its end when the end is reached. */
final class ForwardLines implements AutoCloseable {
    private static final int CHUNK = 1 << 16;

    private final Path path;
    private final Duration patience;
    private final RandomAccessFile file;
    private byte[] loaded = new byte[CHUNK];
    private int from;
    private int to;
    private long number;
    private long offset;
    private long nextOffset;

    /**
     * @param file is closed with this
     * @param patience for the rest of a line
     */
    ForwardLines(Path path, RandomAccessFile file, Duration patience) {
        this.patience = patience;
        this.path = path;
        this.file = file;
    }

    /** Goes to the first record of that number or a higher one. To be called before anything else; lines are numbered from there. */
    void skipTo(long sequence) throws IOException, BadRecordException {
        nextOffset = new LineSearch(file).find(sequence);
        file.seek(nextOffset);
    }

    /** The next line without its newline; nothing at the end, even if bytes without a newline are left. */
    Optional<byte[]> next() throws IOException, BadRecordException {
        number++;
        offset = nextOffset;
        int searched = from;
        while (true) {
            for (int i = searched; i < to; i++) {
                if (loaded[i] == '\n') {
                    return Optional.of(take(i));
                }
            }
            if (to - from >= RecordLine.MAX_BYTES) {
                throw new BadRecordException("it is longer than any record");
            }
            int length = to - from;
            if (!loadMore() && !(length > 0 && loadAfterAWhile())) {
                return Optional.empty();
            }
            searched = from + length;
        }
    }

    Path path() {
        return path;
    }

    /** The number of the line that {@link #next} looked for last, from 1. */
    long number() {
        return number;
    }

    /** Where that line begins. */
    long offset() {
        return offset;
    }

    /** How many bytes without a newline are left at the end. */
    int unfinished() {
        return to - from;
    }

    private byte[] take(int newline) {
        byte[] line = Arrays.copyOfRange(loaded, from, newline);
        nextOffset += newline + 1 - from;
        from = newline + 1;
        return line;
    }

    private boolean loadAfterAWhile() throws IOException {
        LockSupport.parkNanos(patience.toNanos());
        return loadMore();
    }

    private boolean loadMore() throws IOException {
        if (from > 0) {
            System.arraycopy(loaded, from, loaded, 0, to - from);
            to -= from;
            from = 0;
        }
        if (to == loaded.length) {
            loaded = Arrays.copyOf(loaded, 2 * loaded.length);
        }
        int count = file.read(loaded, to, loaded.length - to);
        to += Math.max(count, 0);
        return count > 0;
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
