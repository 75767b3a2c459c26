package dev.latchkey.agent.audit;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/**
 * The files of a log from the oldest to the one asked for, while an agent may rotate them.
 *
 * <p>INVARIANT: the file asked for is opened before the folder is listed, so what was rotated away meanwhile is in the list and read first.
 */
final class ChainWalk {
    private final Path file;
    private final Duration patience;
    private long read;
    private boolean waited;
    private boolean ended;

    ChainWalk(Path file, Duration patience) {
        this.patience = patience;
        this.file = file;
    }

    /** Opens the next file; the caller closes it. */
    Optional<ForwardLines> next() throws IOException {
        if (ended) {
            return Optional.empty();
        }
        Optional<ForwardLines> asked = open(file);
        Optional<ChainFiles.Rotated> unread = ChainFiles.before(file).stream()
                .filter(rotated -> rotated.last() > read)
                .findFirst();
        if (unread.isPresent()) {
            close(asked);
            read = unread.get().last();
            return Optional.of(new ForwardLines(unread.get().path(), patience));
        }
        if (asked.isEmpty() && !waited) {
            // While a file is rotated there is none under its name for a moment.
            waited = true;
            LockSupport.parkNanos(patience.toNanos());
            return next();
        }
        ended = true;
        if (asked.isEmpty()) {
            throw new NoSuchFileException(file.toString());
        }
        return asked;
    }

    private Optional<ForwardLines> open(Path path) throws IOException {
        try {
            return Optional.of(new ForwardLines(path, patience));
        } catch (NoSuchFileException _) {
            return Optional.empty();
        }
    }

    private static void close(Optional<ForwardLines> lines) throws IOException {
        if (lines.isPresent()) {
            lines.get().close();
        }
    }
}
