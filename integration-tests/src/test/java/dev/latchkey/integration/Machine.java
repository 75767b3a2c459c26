package dev.latchkey.integration;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;

/** What the machine of the test has: the built programs, and what some tests need of it. */
final class Machine {
    static final Path ROOT = Path.of(Objects.requireNonNull(
            System.getProperty("latchkey.root"), "the build sets latchkey.root to the root of the repository"));

    static final Path HOME = ROOT.resolve("target/latchkey");
    static final String AGENT = HOME.resolve("bin/agent").toString();
    static final String LAUNCHER = HOME.resolve("bin/launcher").toString();

    /** A uid and gid that no account here needs to have. */
    static final int STRANGER = 54321;

    private Machine() {}

    static boolean full() {
        return Boolean.getBoolean("latchkey.full");
    }

    static int uid() {
        return owner("uid");
    }

    static int gid() {
        return owner("gid");
    }

    private static int owner(String attribute) {
        try {
            return (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:" + attribute);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static void needsRoot() {
        assumeTrue(uid() == 0, "needs root");
    }

    static void needsUnprivilegedUser() {
        assumeTrue(uid() != 0, "needs a user other than root");
    }

    static void needs(String program) {
        assumeTrue(has(program), "needs " + program);
    }

    static boolean has(String program) {
        return Arrays.stream(System.getenv("PATH").split(":"))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
    }

    /** The system's own Python where there is one: wrappers found earlier in PATH open descriptors of theirs. */
    static String python() {
        return Files.isExecutable(Path.of("/usr/bin/python3")) ? "/usr/bin/python3" : "python3";
    }

    /** The same words, run by another uid and gid with the given supplementary groups (none if empty). */
    static String[] as(int uid, int gid, String groups, String... words) {
        String[] prefix = {
            "setpriv",
            "--reuid",
            Integer.toString(uid),
            "--regid",
            Integer.toString(gid),
            groups.isEmpty() ? "--clear-groups" : "--groups=" + groups
        };
        String[] all = Arrays.copyOf(prefix, prefix.length + words.length);
        System.arraycopy(words, 0, all, prefix.length, words.length);
        return all;
    }
}
