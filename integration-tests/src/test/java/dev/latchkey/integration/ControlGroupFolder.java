package dev.latchkey.integration;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Control groups of the unified hierarchy that a test makes; closing it removes them. */
final class ControlGroupFolder implements AutoCloseable {
    private final Path root;
    private final List<Path> made = new ArrayList<>();

    ControlGroupFolder() {
        Machine.needsRoot();
        Optional<Path> unified = unified();
        assumeTrue(unified.isPresent(), "needs a cgroup2 hierarchy that can be written");
        root = unified.orElseThrow();
    }

    private static Optional<Path> unified() {
        try {
            return Files.readAllLines(Path.of("/proc/mounts")).stream()
                    .map(line -> line.split(" ", -1))
                    .filter(fields -> fields[2].equals("cgroup2") && fields[3].startsWith("rw"))
                    .map(fields -> Path.of(fields[1]))
                    .findFirst();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Makes the group, with those above it, and gives the words that start a program in it. */
    String[] startingIn(String path, String... words) {
        Path group = root;
        for (String segment : path.substring(1).split("/", -1)) {
            group = group.resolve(segment);
            make(group);
        }
        String[] all = new String[words.length + 4];
        all[0] = "sh";
        all[1] = "-c";
        all[2] = "echo $$ >\"$0\" && exec \"$@\"";
        all[3] = group.resolve("cgroup.procs").toString();
        System.arraycopy(words, 0, all, 4, words.length);
        return all;
    }

    private void make(Path group) {
        try {
            if (Files.notExists(group)) {
                Files.createDirectory(group);
                made.add(group);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The inner ones first; a process that has just ended may keep its group for a moment. */
    @Override
    public void close() {
        for (Path group : made.reversed()) {
            Await.until("the group " + group + " is removed", () -> {
                try {
                    return Files.deleteIfExists(group) || Files.notExists(group);
                } catch (IOException busy) {
                    return false;
                }
            });
        }
    }
}
