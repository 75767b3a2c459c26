package dev.latchkey.agent.audit;

import java.io.IOException;
import java.io.RandomAccessFile;

/**
 * Finds a record in one file by halving, for numbers only grow: some forty lines are looked at, however long the file and its lines are. It
 * believes the file's order; who reads from there on checks each record.
 */
final class LineSearch {
    private static final int CHUNK = 1 << 16;
    private static final int NONE = -1;

    private final RandomAccessFile file;
    private final byte[] chunk = new byte[CHUNK];

    LineSearch(RandomAccessFile file) {
        this.file = file;
    }

    /** Where the first record of that number or a higher one begins; the end of the whole lines if there is none. */
    long find(long sequence) throws IOException, BadRecordException {
        long found = new BackwardLines(file).end();
        long low = 0;
        long high = found;
        // INVARIANT: lines that begin before low have lower numbers, and the first one with a higher number that begins
        // at high or behind is found.
        while (low < high) {
            long middle = low + (high - low) / 2;
            long line = beginning(middle, high);
            if (line == NONE) {
                high = middle;
            } else if (sequenceAt(line) >= sequence) {
                found = line;
                high = middle;
            } else {
                low = line + 1;
            }
        }
        return found;
    }

    /** Where the first line begins that does so at a place or behind it, but before another. */
    private long beginning(long from, long to) throws IOException {
        if (from == 0) {
            return 0;
        }
        long place = from - 1;
        while (place < to - 1) {
            int count = (int) Math.min(CHUNK, to - 1 - place);
            file.seek(place);
            file.readFully(chunk, 0, count);
            for (int i = 0; i < count; i++) {
                if (chunk[i] == '\n') {
                    return place + i + 1;
                }
            }
            place += count;
        }
        return NONE;
    }

    private long sequenceAt(long line) throws IOException, BadRecordException {
        int count = (int) Math.min(RecordLine.NUMBERED_BYTES, file.length() - line);
        byte[] beginning = new byte[count];
        file.seek(line);
        file.readFully(beginning);
        return RecordLine.sequence(beginning);
    }
}
