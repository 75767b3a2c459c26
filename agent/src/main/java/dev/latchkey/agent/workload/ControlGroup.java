package dev.latchkey.agent.workload;

import java.util.Arrays;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The control group of a process, and what service managers and container runtimes say by its name.
 *
 * <p>SECURITY: names are read from the root side. What lies below the first unit or container may belong to whoever runs in it, who
 * can give any name to a group there; so the first one counts and none below it. A container that a user runs without root lies below
 * that user's own unit and is therefore not told by its name.
 *
 * @param path absolute, {@code /} for the root
 */
public record ControlGroup(String path) {
    private static final String OUTSIDE = "/..";
    private static final String REMOVED = " (deleted)";
    private static final Pattern UNIT = Pattern.compile("_?([A-Za-z0-9:_.\\\\@-]+\\.(?:service|scope))");
    private static final Pattern CONTAINER =
            Pattern.compile("(?!.*conmon)(?:[a-z0-9:-]+[:-])?([0-9a-f]{64})(?:\\.scope)?");
    private static final Pattern POD = Pattern.compile(
            "(?:[a-z0-9-]+-)?pod([0-9a-f]{8}(?:[-_][0-9a-f]{4}){3}[-_][0-9a-f]{12}|[0-9a-f]{32})(?:\\.slice)?");

    public ControlGroup {
        if (!path.startsWith("/")) {
            throw new IllegalStateException("not the path of a control group: " + path);
        }
    }

    /**
     * From the lines of {@code /proc/PID/cgroup}: the unified hierarchy, or where the process is not in it the service manager's own.
     *
     * @return absent if the process is in none that can be seen from here
     */
    public static Optional<ControlGroup> parse(String lines) {
        Optional<String> unified = path(lines, "0", "");
        Optional<String> managed = path(lines, "", "name=systemd");
        return unified.filter(path -> !path.equals("/"))
                .or(() -> managed)
                .or(() -> unified)
                .filter(ControlGroup::isInSight)
                .map(ControlGroup::new);
    }

    private static Optional<String> path(String lines, String hierarchy, String controllers) {
        return lines.lines()
                .map(line -> line.split(":", 3))
                .filter(fields -> fields.length == 3 && fields[2].startsWith("/"))
                .filter(fields -> hierarchy.isEmpty() || fields[0].equals(hierarchy))
                .filter(fields -> fields[1].equals(controllers))
                .map(fields -> fields[2])
                .findFirst();
    }

    /** A group outside our own namespace shows as {@code /..}; one that was removed has no place any more. */
    private static boolean isInSight(String path) {
        return !path.equals(OUTSIDE) && !path.startsWith(OUTSIDE + "/") && !path.endsWith(REMOVED);
    }

    /** The system unit; absent for what no service manager of the system started. */
    public Optional<String> unit() {
        return segments()
                .dropWhile(segment -> segment.endsWith(".slice"))
                .findFirst()
                .flatMap(segment -> group(UNIT, segment));
    }

    /** The container's id, 64 hexadecimal digits. */
    public Optional<String> container() {
        return upTo(segment -> group(CONTAINER, segment).isPresent() || isUnit(segment))
                .flatMap(segment -> group(CONTAINER, segment));
    }

    /** The pod's uid, with dashes. */
    public Optional<String> pod() {
        if (segments().noneMatch(segment -> segment.contains("kubepods"))) {
            return Optional.empty();
        }
        return upTo(segment -> group(POD, segment).isPresent()
                        || group(CONTAINER, segment).isPresent()
                        || isUnit(segment))
                .flatMap(segment -> group(POD, segment))
                .map(uid -> uid.replace('_', '-'));
    }

    private static boolean isUnit(String segment) {
        return UNIT.matcher(segment).matches();
    }

    private Optional<String> upTo(Predicate<String> end) {
        return segments().filter(end).findFirst();
    }

    private Stream<String> segments() {
        return Arrays.stream(path.split("/", -1)).filter(segment -> !segment.isEmpty());
    }

    private static Optional<String> group(Pattern pattern, String segment) {
        Matcher matcher = pattern.matcher(segment);
        return matcher.matches() ? Optional.of(matcher.group(1)) : Optional.empty();
    }
}
