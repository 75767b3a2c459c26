package dev.latchkey.agent.audit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * The files of a log from the oldest to the one asked for, while an agent may rotate them.
 *
 * <p>INVARIANT: the file asked for is opened before the folder is listed, so what was rotated away meanwhile is in the list and read first.
 */
final class ChainWalk {
    private final Path file;
    private final Duration patience;
    private long read;
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
        ForwardLines asked = Files.exists(file) ? new ForwardLines(file, patience) : null;
        Optional<ChainFiles.Rotated> unread = ChainFiles.before(file).stream()
                .filter(rotated -> rotated.last() > read)
                .findFirst();
        if (unread.isPresent()) {
            if (asked != null) {
                asked.close();
            }
            read = unread.get().last();
            return Optional.of(new ForwardLines(unread.get().path(), patience));
        }
        ended = true;
        if (asked == null) {
            throw new NoSuchFileException(file.toString(), null, "there is no such file");
        }
        return Optional.of(asked);
    }
}
