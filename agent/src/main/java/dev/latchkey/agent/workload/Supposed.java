package dev.latchkey.agent.workload;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.FailureKind;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A caller that is only imagined, as operators ask about one. What is absent is supposed by whoever answers.
 *
 * @param process what it would be found to be
 */
public record Supposed(Credentials credentials, Arrival arrival, Facts process) {
    /**
     * Who it would be.
     *
     * @param gid absent: the user's own
     * @param groups supplementary ones; absent: the user's own
     */
    public record Credentials(long uid, Optional<Long> gid, Optional<List<Long>> groups) {
        public Credentials {
            groups = groups.map(List::copyOf);
        }
    }

    /**
     * How it would come.
     *
     * @param listener absent: the first one
     * @param hasPid whether its process could be seen
     * @param strictlyPinned whether the kernel could pin it strictly
     * @param tokenFile the token file of a rule whose token it would present
     */
    public record Arrival(Optional<String> listener, boolean hasPid, boolean strictlyPinned, Optional<Path> tokenFile) {
        /** By the first listener, seen, strictly pinned, without a token. */
        public static final Arrival USUAL = new Arrival(Optional.empty(), true, true, Optional.empty());
    }

    /**
     * What its process would be; a property that is absent is one that it lacks.
     *
     * @param exe what it runs; with this, the hash or a command it is supposed to be a launcher that proves to be one
     * @param command what it would say that it becomes
     */
    public record Facts(
            Optional<ControlGroup> group,
            Optional<Path> exe,
            Optional<Sha256> exeHash,
            Optional<LaunchedCommand> command)
            implements ProcessFacts {
        /** Which group it is matters nowhere. */
        private static final long SUPPOSED_GROUP = 0;

        /** In no control group that means anything. */
        public static final Facts PLAIN =
                new Facts(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

        @Override
        public Attested<Long> launcher() {
            boolean proves = exe.isPresent() || exeHash.isPresent() || command.isPresent();
            return known(
                    proves ? Optional.of(SUPPOSED_GROUP) : Optional.empty(),
                    "the caller is supposed to be no launcher that proves to be one");
        }

        @Override
        public Attested<ControlGroup> controlGroup() {
            return known(group, "the caller is supposed in no unit, container or other control group");
        }

        @Override
        public Attested<Boolean> runs(Path file) {
            return known(exe.map(file::equals), "the caller is supposed to run nothing in particular");
        }

        @Override
        public Attested<Sha256> executableHash() {
            return known(exeHash, "the caller is supposed to run nothing in particular");
        }

        private static <T> Attested<T> known(Optional<T> property, String whyAbsent) {
            return property.<Attested<T>>map(Attested.Known::new).orElseGet(() -> new Attested.Absent<>(whyAbsent));
        }
    }

    /** Ways to say which control group: by its path, or by what its name would say. */
    public record Whereabouts(
            Optional<String> cgroup, Optional<String> unit, Optional<String> container, Optional<String> pod) {
        private static final int ID_DIGITS = 64;

        /**
         * A group that is so placed.
         *
         * @throws AgentException of kind {@code BAD_ARGUMENT} if no group can be all of it, or it is none
         */
        public Optional<ControlGroup> group() {
            boolean contained = container.isPresent() || pod.isPresent();
            if ((cgroup.isPresent() ? 1 : 0) + (unit.isPresent() ? 1 : 0) + (contained ? 1 : 0) > 1) {
                throw bad("a caller is supposed in one of a cgroup, a unit, or a pod and container");
            }
            Optional<String> path = cgroup.or(() -> unit.map(name -> "/system.slice/" + name))
                    .or(() -> contained ? Optional.of(containedPath()) : Optional.empty());
            Optional<ControlGroup> group = path.map(Whereabouts::requirePath).map(ControlGroup::new);
            group.ifPresent(this::requireSaid);
            return group;
        }

        private static String requirePath(String path) {
            if (!path.startsWith("/")) {
                throw bad("the path of a control group begins with '/'");
            }
            return path;
        }

        private String containedPath() {
            String slice = pod.map(uid -> "/kubepods.slice/kubepods-pod" + uid.replace('-', '_') + ".slice")
                    .orElse("/system.slice");
            return container
                    .map(id -> slice + "/docker-" + id + "0".repeat(Math.max(0, ID_DIGITS - id.length())) + ".scope")
                    .orElse(slice);
        }

        /** What is no name of a unit, container or pod would silently fit nothing. */
        private void requireSaid(ControlGroup group) {
            requireSaid("unit", unit, group.unit());
            requireSaid("container", container, group.container());
            requireSaid("pod", pod, group.pod());
        }

        private static void requireSaid(String what, Optional<String> asked, Optional<String> said) {
            if (asked.isPresent()
                    && asked.filter(name -> said.orElse("").startsWith(name)).isEmpty()) {
                throw bad("that is no " + what);
            }
        }

        private static AgentException bad(String message) {
            return new AgentException(FailureKind.BAD_ARGUMENT, message);
        }
    }
}
