package dev.latchkey.agent.policy;

import dev.latchkey.agent.workload.Attested;
import dev.latchkey.agent.workload.Capability;
import dev.latchkey.agent.workload.ControlGroup;
import dev.latchkey.agent.workload.Sha256;
import dev.latchkey.agent.workload.Workload;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** What the caller's process is read for, when a rule first asks. */
public sealed interface ProcessSelector extends Selector {
    @Override
    default boolean needsPid() {
        return true;
    }

    /** A name that its control group says; each value is the whole name, or for containers its beginning. */
    record Placed(Place place, Set<String> names) implements ProcessSelector {
        public Placed {
            names = Set.copyOf(names);
        }

        @Override
        public String key() {
            return place.key;
        }

        private Attested<String> actual(Workload workload) {
            return workload.controlGroup().part(place::of, "the caller is in no " + place.words);
        }

        private boolean fits(String actual) {
            return names.stream().anyMatch(name -> place.fits(name, actual));
        }

        @Override
        public Verdict test(Workload workload) {
            return verdict(actual(workload), this::fits);
        }

        @Override
        public String mismatch(Workload workload) {
            return reason(actual(workload), actual -> key() + " " + actual + Selector.isNot(names));
        }

        @Override
        public boolean covers(Selector other) {
            return other instanceof Placed(Place kind, Set<String> others)
                    && kind == place
                    && others.stream().allMatch(this::fits);
        }

        @Override
        public List<String> values() {
            return names.stream().sorted().toList();
        }

        @Override
        public boolean coversByValue() {
            return place != Place.CONTAINER;
        }

        @Override
        public Set<Capability> needs() {
            return Set.of(Capability.CONTROL_GROUPS);
        }
    }

    /** What a control group's names tell. */
    enum Place {
        UNIT("unit", "unit of the system"),
        CONTAINER("container", "container that its control group names"),
        POD("pod", "pod that its control group names");

        private final String key;
        private final String words;

        Place(String key, String words) {
            this.key = key;
            this.words = words;
        }

        private Optional<String> of(ControlGroup group) {
            return switch (this) {
                case UNIT -> group.unit();
                case CONTAINER -> group.container();
                case POD -> group.pod();
            };
        }

        private boolean fits(String wanted, String actual) {
            return this == CONTAINER ? actual.startsWith(wanted) : actual.equals(wanted);
        }
    }

    /** Control groups, each with all below it; {@code *} matches within one segment. */
    record Within(Set<String> patterns) implements ProcessSelector {
        public Within {
            patterns = Set.copyOf(patterns);
        }

        @Override
        public String key() {
            return "cgroup";
        }

        private static boolean isWithin(String pattern, String path) {
            return Glob.matches(pattern, path) || Glob.matches(pattern + "/**", path);
        }

        private boolean fits(String path) {
            return patterns.stream().anyMatch(pattern -> isWithin(pattern, path));
        }

        @Override
        public Verdict test(Workload workload) {
            return verdict(workload.controlGroup(), group -> fits(group.path()));
        }

        @Override
        public String mismatch(Workload workload) {
            return reason(workload.controlGroup(), group -> "cgroup " + group.path() + apart(group.path()));
        }

        /** How far the nearest of the patterns goes along with the path. */
        private String apart(String path) {
            String wanted = " is not in " + Selector.listed(patterns);
            return patterns.stream()
                    .flatMap(pattern -> prefixes(pattern).filter(prefix -> isWithin(prefix, path)))
                    .max((a, b) -> a.length() - b.length())
                    .map(prefix -> wanted + ", only in " + prefix)
                    .orElse(wanted);
        }

        private static Stream<String> prefixes(String pattern) {
            return Stream.iterate(
                    pattern, prefix -> !prefix.isEmpty(), prefix -> prefix.substring(0, prefix.lastIndexOf('/')));
        }

        /** A pattern is tried as if it were a path: its stars then match only stars, so that nothing is covered that might not be. */
        @Override
        public boolean covers(Selector other) {
            return other instanceof Within(Set<String> others)
                    && others.stream().allMatch(this::fits);
        }

        @Override
        public List<String> values() {
            return patterns.stream().sorted().toList();
        }

        @Override
        public boolean coversByValue() {
            return false;
        }

        @Override
        public Set<Capability> needs() {
            return Set.of(Capability.CONTROL_GROUPS);
        }
    }

    /** Executables, by what lies at these paths. SECURITY: means something only with the launcher's proof. */
    record Runs(Set<Path> files) implements ProcessSelector {
        public Runs {
            files = Set.copyOf(files);
        }

        @Override
        public String key() {
            return "exe";
        }

        @Override
        public Verdict test(Workload workload) {
            List<Verdict> all = files.stream()
                    .map(file -> verdict(workload.runs(file), runs -> runs))
                    .toList();
            return all.contains(Verdict.FITS) || !all.contains(Verdict.UNKNOWN)
                    ? Verdict.of(all.contains(Verdict.FITS))
                    : Verdict.UNKNOWN;
        }

        @Override
        public String mismatch(Workload workload) {
            return files.stream()
                    .sorted()
                    .map(file -> reason(workload.runs(file), _ -> "exe" + Selector.isNot(files)))
                    .distinct()
                    .findFirst()
                    .orElse("exe is not asked for");
        }

        @Override
        public boolean covers(Selector other) {
            return other instanceof Runs(Set<Path> others) && files.containsAll(others);
        }

        @Override
        public List<String> values() {
            return files.stream().map(Path::toString).sorted().toList();
        }

        @Override
        public Set<Capability> needs() {
            return Set.of(Capability.LAUNCHER_PROOF, Capability.EXECUTABLES);
        }
    }

    /** Executables, by their content. SECURITY: means something only with the launcher's proof. */
    record RunsContent(Set<Sha256> hashes) implements ProcessSelector {
        public RunsContent {
            hashes = Set.copyOf(hashes);
        }

        @Override
        public String key() {
            return "exe-sha256";
        }

        @Override
        public Verdict test(Workload workload) {
            return verdict(workload.executableHash(), hashes::contains);
        }

        @Override
        public String mismatch(Workload workload) {
            return reason(workload.executableHash(), actual -> "exe-sha256 " + actual + Selector.isNot(values()));
        }

        @Override
        public boolean covers(Selector other) {
            return other instanceof RunsContent(Set<Sha256> others) && hashes.containsAll(others);
        }

        @Override
        public List<String> values() {
            return hashes.stream().map(Sha256::hex).sorted().toList();
        }

        @Override
        public Set<Capability> needs() {
            return Set.of(Capability.LAUNCHER_PROOF, Capability.EXECUTABLES);
        }
    }

    private static <T> Verdict verdict(Attested<T> attested, Predicate<T> fits) {
        return switch (attested) {
            case Attested.Known<T>(T value) -> Verdict.of(fits.test(value));
            case Attested.Absent<T> _ -> Verdict.DIFFERS;
            case Attested.Unknown<T> _ -> Verdict.UNKNOWN;
        };
    }

    private static <T> String reason(Attested<T> attested, Function<T, String> known) {
        return switch (attested) {
            case Attested.Known<T>(T value) -> known.apply(value);
            case Attested.Absent<T>(String why) -> why;
            case Attested.Unknown<T>(String why) -> why;
        };
    }
}
