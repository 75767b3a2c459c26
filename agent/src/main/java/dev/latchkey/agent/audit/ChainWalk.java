package dev.latchkey.agent.audit;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/**
 * The files of a log from the oldest to the one asked for, while an agent may rotate and remove them.
 *
 * <p>INVARIANT: the file asked for is opened before the folder is listed, so what was rotated away meanwhile is in the list and read first.
 */
final class ChainWalk {
    private static final Duration PAUSE = Duration.ofMillis(5);

    private final Path file;
    private final Patience patience;
    private long read;
    private boolean ended;

    /**
     * @param read the last record that is not asked for: files that end with it or before it are left out
     */
    ChainWalk(Path file, long read, Patience patience) {
        this.file = file;
        this.read = read;
        this.patience = patience;
    }

    /** Opens the next file; the caller closes it. */
    Optional<ForwardLines> next() throws IOException {
        if (ended) {
            return Optional.empty();
        }
        long begun = System.nanoTime();
        while (true) {
            Optional<RandomAccessFile> asked = ChainFiles.open(file);
            List<ChainFiles.Rotated> before = rotated(asked);
            Optional<ChainFiles.Rotated> unread =
                    before.stream().filter(rotated -> rotated.last() > read).findFirst();
            Optional<ForwardLines> next = unread.isPresent() ? open(unread.get(), asked) : asked.map(this::last);
            if (next.isPresent()) {
                return next;
            }
            boolean mayCome = System.nanoTime() - begun < patience.rotation().toNanos();
            if (before.isEmpty() || !mayCome) {
                throw new NoSuchFileException(file.toString());
            }
            // There is no current file while one is rotated, and the one that was listed may have been too old to be
            // kept.
            LockSupport.parkNanos(PAUSE.toNanos());
        }
    }

    private List<ChainFiles.Rotated> rotated(Optional<RandomAccessFile> asked) throws IOException {
        boolean listed = false;
        try {
            List<ChainFiles.Rotated> before = ChainFiles.before(file);
            listed = true;
            return before;
        } finally {
            if (!listed) {
                close(asked);
            }
        }
    }

    private Optional<ForwardLines> open(ChainFiles.Rotated rotated, Optional<RandomAccessFile> instead)
            throws IOException {
        close(instead);
        Optional<RandomAccessFile> opened = ChainFiles.open(rotated.path());
        if (opened.isPresent()) {
            read = rotated.last();
        }
        return opened.map(content -> new ForwardLines(rotated.path(), content, patience.line()));
    }

    private ForwardLines last(RandomAccessFile content) {
        ended = true;
        return new ForwardLines(file, content, patience.line());
    }

    private static void close(Optional<RandomAccessFile> file) throws IOException {
        if (file.isPresent()) {
            file.get().close();
        }
    }
}
