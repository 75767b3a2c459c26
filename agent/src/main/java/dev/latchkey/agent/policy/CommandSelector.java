package dev.latchkey.agent.policy;

import dev.latchkey.agent.workload.Attested;
import dev.latchkey.agent.workload.Capability;
import dev.latchkey.agent.workload.LaunchedCommand;
import dev.latchkey.agent.workload.Sha256;
import dev.latchkey.agent.workload.Workload;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What the caller is about to become. SECURITY: believed only of a launcher that proved to be one. */
public sealed interface CommandSelector extends Selector {
    /** Whether that command fits. */
    boolean fits(LaunchedCommand command);

    /** In words why that command does not. */
    String mismatch(LaunchedCommand command);

    @Override
    default Verdict test(Workload workload) {
        return switch (workload.command()) {
            case Attested.Known<LaunchedCommand>(LaunchedCommand command) -> Verdict.of(fits(command));
            case Attested.Absent<LaunchedCommand> _ -> Verdict.DIFFERS;
            case Attested.Unknown<LaunchedCommand> _ -> Verdict.UNKNOWN;
        };
    }

    @Override
    default String mismatch(Workload workload) {
        return switch (workload.command()) {
            case Attested.Known<LaunchedCommand>(LaunchedCommand command) -> mismatch(command);
            case Attested.Absent<LaunchedCommand>(String why) -> why;
            case Attested.Unknown<LaunchedCommand>(String why) -> why;
        };
    }

    @Override
    default boolean needsPid() {
        return true;
    }

    @Override
    default Set<Capability> needs() {
        return Set.of(Capability.LAUNCHER_PROOF);
    }

    /** Commands, by the path that they are found by. */
    record Found(Set<Path> paths) implements CommandSelector {
        /** As the configuration calls it. */
        public static final String KEY = "command";

        public Found {
            paths = Set.copyOf(paths);
        }

        @Override
        public String key() {
            return KEY;
        }

        @Override
        public boolean fits(LaunchedCommand command) {
            return paths.stream().map(Path::toString).anyMatch(command.path()::equals);
        }

        @Override
        public String mismatch(LaunchedCommand command) {
            return "command " + command.path() + Selector.isNot(paths);
        }

        @Override
        public boolean covers(Selector other) {
            return other instanceof Found(Set<Path> others) && paths.containsAll(others);
        }

        @Override
        public List<String> values() {
            return paths.stream().map(Path::toString).sorted().toList();
        }
    }

    /** Commands, by their content. */
    record Content(Set<Sha256> hashes) implements CommandSelector {
        /** As the configuration calls it. */
        public static final String KEY = "command-sha256";

        public Content {
            hashes = Set.copyOf(hashes);
        }

        @Override
        public String key() {
            return KEY;
        }

        @Override
        public boolean fits(LaunchedCommand command) {
            return command.content().filter(hashes::contains).isPresent();
        }

        @Override
        public String mismatch(LaunchedCommand command) {
            return command.content()
                    .map(actual -> KEY + " " + actual + Selector.isNot(hashes))
                    .orElse("the caller is supposed to become nothing of a known " + KEY);
        }

        @Override
        public boolean covers(Selector other) {
            return other instanceof Content(Set<Sha256> others) && hashes.containsAll(others);
        }

        @Override
        public List<String> values() {
            return hashes.stream().map(Sha256::hex).sorted().toList();
        }
    }

    /**
     * The arguments of the command.
     *
     * @param pinned exactly these; absent: any
     */
    record Arguments(Optional<List<String>> pinned) implements CommandSelector {
        /** As the configuration calls it. */
        public static final String KEY = "args";

        public Arguments {
            pinned = pinned.map(List::copyOf);
        }

        @Override
        public String key() {
            return KEY;
        }

        private Optional<Sha256> hash() {
            return pinned.map(LaunchedCommand::hashOf);
        }

        @Override
        public boolean fits(LaunchedCommand command) {
            return hash().map(command.arguments()::equals).orElse(true);
        }

        /** What the arguments are, nobody tells the agent. */
        @Override
        public String mismatch(LaunchedCommand command) {
            return "the arguments of the command are not those of the rule";
        }

        @Override
        public boolean covers(Selector other) {
            return other instanceof Arguments(Optional<List<String>> others)
                    && (pinned.isEmpty() || pinned.equals(others));
        }

        @Override
        public List<String> values() {
            return hash().map(Sha256::hex).stream().toList();
        }

        /** Any arguments cover all, and have no value. */
        @Override
        public boolean coversByValue() {
            return false;
        }
    }
}
