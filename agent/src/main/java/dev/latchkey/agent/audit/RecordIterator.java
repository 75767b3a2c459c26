package dev.latchkey.agent.audit;

import java.io.IOException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Optional;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/** The records of a log in their order, one file open at a time. */
final class RecordIterator extends Spliterators.AbstractSpliterator<AuditRecord> implements AutoCloseable {
    private final MessageDigest sha = RecordLine.sha256();
    private final RecordParser parser = new RecordParser();
    private final Path file;
    private final ChainWalk files;
    private @Nullable ForwardLines lines;

    /**
     * Opens the first file at once, so that a log that is not there is found out before anything is shown.
     *
     * @param first the number to begin with
     */
    RecordIterator(Path file, long first) throws IOException {
        super(Long.MAX_VALUE, Spliterator.ORDERED | Spliterator.NONNULL);
        this.file = file;
        this.files = new ChainWalk(file, first - 1, Patience.USUAL);
        this.lines = files.next().orElse(null);
        if (lines != null && first > 1) {
            begin(lines, first);
        }
    }

    private void begin(ForwardLines opened, long first) throws IOException {
        boolean found = false;
        try {
            opened.skipTo(first);
            found = true;
        } catch (BadRecordException e) {
            throw AuditReader.damaged(opened.path(), e);
        } finally {
            if (!found) {
                opened.close();
            }
        }
    }

    Stream<AuditRecord> stream() {
        return StreamSupport.stream(this, false).onClose(this::close);
    }

    @Override
    public boolean tryAdvance(Consumer<? super AuditRecord> action) {
        Optional<AuditRecord> record = next();
        record.ifPresent(action);
        return record.isPresent();
    }

    private Optional<AuditRecord> next() {
        try {
            for (; lines != null; lines = files.next().orElse(null)) {
                Optional<byte[]> line = lines.next();
                if (line.isPresent()) {
                    return Optional.of(parser.parse(RecordLine.read(line.get(), sha), line.get()));
                }
                lines.close();
            }
            return Optional.empty();
        } catch (IOException e) {
            throw AuditReader.unreadable(file, e);
        } catch (BadRecordException e) {
            throw AuditReader.damaged(file, e);
        }
    }

    @Override
    public void close() {
        try {
            if (lines != null) {
                lines.close();
            }
        } catch (IOException e) {
            throw AuditReader.unreadable(file, e);
        }
    }
}
