package dev.latchkey.agent.install;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Where file systems are mounted, and how: proc_pid_mountinfo(5). */
final class MountPoints {
    private static final int POINT = 4;
    private static final int OPTIONS = 5;
    private static final Pattern OCTAL = Pattern.compile("\\\\([0-7]{3})");

    private final List<Mount> mounts;

    private record Mount(Path point, List<String> options) {}

    private MountPoints(List<Mount> mounts) {
        this.mounts = mounts;
    }

    /**
     * As this process sees them.
     *
     * @throws IOException if they cannot be read
     */
    static MountPoints ofThisProcess() throws IOException {
        return parse(Files.readString(Path.of("/proc/self/mountinfo"), StandardCharsets.UTF_8));
    }

    static MountPoints parse(String lines) {
        return new MountPoints(lines.lines()
                .map(line -> line.split(" ", -1))
                .filter(fields -> fields.length > OPTIONS)
                .map(fields ->
                        new Mount(Path.of(unescaped(fields[POINT])), Arrays.asList(fields[OPTIONS].split(",", -1))))
                .toList());
    }

    private static String unescaped(String text) {
        return OCTAL.matcher(text)
                .replaceAll(match -> java.util.regex.Matcher.quoteReplacement(
                        Character.toString(Integer.parseInt(match.group(1), 8))));
    }

    /** The option that keeps an executable in that folder from running with its group, if there is one. */
    Optional<String> hindrance(Path folder) {
        // Of two at one place the later one lies on top.
        Optional<Mount> mount = mounts.reversed().stream()
                .filter(one -> folder.startsWith(one.point()))
                .max(Comparator.comparingInt(one -> one.point().getNameCount()));
        return mount.stream()
                .flatMap(one -> one.options().stream())
                .filter(option -> option.equals("nosuid") || option.equals("noexec"))
                .findFirst();
    }
}
