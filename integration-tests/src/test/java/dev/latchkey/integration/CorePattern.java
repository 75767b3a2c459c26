package dev.latchkey.integration;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Where the kernel leaves cores while this is open: in files of a folder, or through a pipe into one. */
final class CorePattern implements AutoCloseable {
    private static final Path PATTERN = Path.of("/proc/sys/kernel/core_pattern");

    private final Path folder;
    private final String before;

    private CorePattern(Path folder, String pattern) {
        this.folder = folder;
        try {
            before = Files.readString(PATTERN);
            Files.writeString(PATTERN, pattern);
        } catch (IOException e) {
            // A container shares the pattern of its machine and may not change it.
            assumeTrue(false, "needs to write " + PATTERN);
            throw new UncheckedIOException(e);
        }
    }

    static CorePattern toFiles(Path folder) {
        return new CorePattern(folder, folder.resolve("core.%p").toString());
    }

    /** The limit of the process on cores does not count for pipes. */
    static CorePattern toPipe(Path folder) {
        return new CorePattern(folder, "|/usr/bin/dd bs=1M of=" + folder.resolve("core.%p"));
    }

    /** All that came so far. */
    List<Path> cores() {
        try (Stream<Path> all = Files.list(folder)) {
            return all.filter(file -> file.getFileName().toString().startsWith("core."))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The one that came; it is removed by the caller. */
    Path core() {
        Await.until("a core in " + folder, () -> cores().size() == 1);
        return cores().getFirst();
    }

    @Override
    public void close() {
        try {
            Files.writeString(PATTERN, before);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
