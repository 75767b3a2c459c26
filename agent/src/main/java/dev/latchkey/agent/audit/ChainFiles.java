package dev.latchkey.agent.audit;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The names of rotated files: {@code audit.log.48213-1a2b3c4d} ends with record 48213, whose hash begins with 1a2b3c4d. So
 * a name never changes and never comes twice.
 */
final class ChainFiles {
    private static final Pattern ROTATED = Pattern.compile("(.+)\\.([1-9][0-9]{0,17})-([0-9a-f]{8})");
    private static final int SHOWN_DIGITS = 8;
    private static final int MOST_TRIES = 3;

    private ChainFiles() {}

    /** A rotated file and the number of its last record. */
    record Rotated(Path path, long last) {}

    static Path rotated(Path current, Head last) {
        String suffix = "." + last.sequence() + "-" + last.hash().substring(0, SHOWN_DIGITS);
        return current.resolveSibling(current.getFileName() + suffix);
    }

    /** The rotated files of a current one, oldest first. */
    static List<Rotated> allRotated(Path current) throws IOException {
        List<Rotated> found = new ArrayList<>();
        try (Stream<Path> siblings = Files.list(folder(current))) {
            for (Path path : (Iterable<Path>) siblings::iterator) {
                Matcher matcher = ROTATED.matcher(String.valueOf(path.getFileName()));
                if (matcher.matches() && matcher.group(1).equals(String.valueOf(current.getFileName()))) {
                    found.add(new Rotated(path, Long.parseLong(matcher.group(2))));
                }
            }
        } catch (UncheckedIOException e) {
            throw new IOException("its folder cannot be listed", e);
        }
        found.sort(Comparator.comparingLong(Rotated::last));
        return found;
    }

    /** The rotated files that should lie before a file, current or itself rotated, by their names; oldest first. */
    static List<Rotated> before(Path file) throws IOException {
        Matcher matcher = ROTATED.matcher(String.valueOf(file.getFileName()));
        if (!matcher.matches()) {
            return allRotated(file);
        }
        long last = Long.parseLong(matcher.group(2));
        return allRotated(file.resolveSibling(matcher.group(1))).stream()
                .filter(other -> other.last() < last)
                .toList();
    }

    /** Opens a file of a log for reading; absent: there is none of that name. It may come and go while this looks. */
    static Optional<RandomAccessFile> open(Path path) throws IOException {
        for (int tries = 1; ; tries++) {
            try {
                return Optional.of(new RandomAccessFile(path.toFile(), "r"));
            } catch (FileNotFoundException e) {
                if (!Files.exists(path)) {
                    return Optional.empty();
                }
                // Whatever keeps a file from being opened is told in this way, also that it was not there a moment ago.
                if (tries == MOST_TRIES) {
                    requireOpenable(path);
                    throw e;
                }
            }
        }
    }

    /** The same failure, but told by its type. */
    private static void requireOpenable(Path path) throws IOException {
        Files.newInputStream(path).close();
    }

    static Path folder(Path file) {
        Path folder = file.toAbsolutePath().getParent();
        return folder == null ? file.toAbsolutePath() : folder;
    }
}
