package dev.latchkey.agent.audit;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.util.Arrays;
import java.util.Optional;

/** The lines of a file from its end to its beginning. What follows the last newline is no line but a rest. */
final class BackwardLines {
    private static final int CHUNK = 1 << 16;

    private final RandomAccessFile file;
    private final byte[] rest;

    /** What is loaded and not yet returned: the file's bytes from {@code start} on; empty or ending with a newline. */
    private byte[] loaded = new byte[0];

    private long start;

    BackwardLines(RandomAccessFile file) throws IOException, BadRecordException {
        this.file = file;
        this.start = file.length();
        int newline = lastNewline(0);
        this.rest = Arrays.copyOfRange(loaded, newline + 1, loaded.length);
        this.loaded = Arrays.copyOf(loaded, newline + 1);
    }

    /** The bytes after the last newline. */
    byte[] rest() {
        return rest;
    }

    /** Where the lines not yet returned end. */
    long end() {
        return start + loaded.length;
    }

    /** The line before the one returned last, without its newline. */
    Optional<byte[]> previous() throws IOException, BadRecordException {
        if (loaded.length == 0 && !loadMore()) {
            return Optional.empty();
        }
        int newline = lastNewline(1);
        byte[] line = Arrays.copyOfRange(loaded, newline + 1, loaded.length - 1);
        loaded = Arrays.copyOf(loaded, newline + 1);
        return Optional.of(line);
    }

    /** The index of the last newline in what is loaded, but for that many bytes at its end, loading more as needed; -1: there is none. */
    private int lastNewline(int behind) throws IOException, BadRecordException {
        int searched = behind;
        while (true) {
            for (int i = loaded.length - 1 - searched; i >= 0; i--) {
                if (loaded[i] == '\n') {
                    return i;
                }
            }
            searched = loaded.length;
            if (searched > RecordLine.MAX_BYTES) {
                throw new BadRecordException("it has a line longer than any record");
            }
            if (!loadMore()) {
                return -1;
            }
        }
    }

    private boolean loadMore() throws IOException {
        int count = (int) Math.min(CHUNK, start);
        byte[] more = new byte[count + loaded.length];
        file.seek(start - count);
        file.readFully(more, 0, count);
        System.arraycopy(loaded, 0, more, count, loaded.length);
        loaded = more;
        start -= count;
        return count > 0;
    }
}
