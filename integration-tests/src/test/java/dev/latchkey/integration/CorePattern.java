package dev.latchkey.integration;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Where the kernel leaves cores while this is open, and of whom. Both are settings of the whole machine, so not for long. */
final class CorePattern implements AutoCloseable {
    private static final Path PATTERN = Path.of("/proc/sys/kernel/core_pattern");
    private static final Path SUID_DUMPABLE = Path.of("/proc/sys/fs/suid_dumpable");

    private final Path folder;
    private final String pattern;
    private final String suidDumpable;

    private CorePattern(Path folder) {
        this.folder = folder;
        this.pattern = read(PATTERN);
        this.suidDumpable = read(SUID_DUMPABLE);
    }

    /** What the pattern is. */
    enum Kind {
        /** A file in the working folder of the process. */
        RELATIVE,
        /** A file of our folder. */
        ABSOLUTE,
        /** A program that writes it into our folder. The limit of the process on cores does not count for it. */
        PIPE;

        private String pattern(Path folder) {
            return switch (this) {
                case RELATIVE -> "core.%p";
                case ABSOLUTE -> folder.resolve("core.%p").toString();
                case PIPE -> "|/usr/bin/dd bs=1M of=" + folder.resolve("core.%p");
            };
        }
    }

    /**
     * @param suidDumpable 0 to 2: what becomes of a process whose user changed
     */
    static CorePattern of(Kind kind, Path folder, int suidDumpable) {
        CorePattern before = new CorePattern(folder);
        try {
            Files.writeString(PATTERN, kind.pattern(folder));
            Files.writeString(SUID_DUMPABLE, Integer.toString(suidDumpable));
            return before;
        } catch (IOException e) {
            before.close();
            // A container shares them with its machine and may not change them.
            assumeTrue(false, "needs to write " + PATTERN + " and " + SUID_DUMPABLE);
            throw new UncheckedIOException(e);
        }
    }

    static CorePattern toFiles(Path folder) {
        return of(Kind.ABSOLUTE, folder, 0);
    }

    private static String read(Path setting) {
        try {
            return Files.readString(setting);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** All that came into the folder so far. */
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
        restore(SUID_DUMPABLE, suidDumpable);
        restore(PATTERN, pattern);
    }

    /** What is as it was need not be written, and cannot be in a container. */
    private static void restore(Path setting, String before) {
        if (!read(setting).equals(before)) {
            try {
                Files.writeString(setting, before);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
