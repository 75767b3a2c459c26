package dev.latchkey.agent.policy;

import dev.latchkey.agent.workload.Caller;
import dev.latchkey.agent.workload.Capability;
import dev.latchkey.agent.workload.Workload;
import java.util.List;
import java.util.Set;

/** What the kernel told when the caller connected; testing costs no system call. */
public sealed interface CallerSelector extends Selector {
    /** The names of sockets. */
    record Listener(Set<String> names) implements CallerSelector {
        public Listener {
            names = Set.copyOf(names);
        }

        @Override
        public String key() {
            return "listener";
        }

        @Override
        public Verdict test(Workload workload) {
            return Verdict.of(names.contains(workload.caller().listener()));
        }

        @Override
        public String mismatch(Workload workload) {
            return "listener " + workload.caller().listener() + Selector.isNot(names);
        }

        @Override
        public boolean covers(Selector other) {
            return other instanceof Listener(Set<String> others) && names.containsAll(others);
        }

        @Override
        public List<String> values() {
            return names.stream().sorted().toList();
        }
    }

    /** Effective user ids. SECURITY: {@link Caller#UNMAPPED_UID} fits only where it is named. */
    record Uid(Set<Long> ids) implements CallerSelector {
        public Uid {
            ids = Set.copyOf(ids);
        }

        @Override
        public String key() {
            return "uid";
        }

        @Override
        public Verdict test(Workload workload) {
            return Verdict.of(ids.contains(workload.caller().uid()));
        }

        @Override
        public String mismatch(Workload workload) {
            return "uid " + workload.caller().uid() + Selector.isNot(ids);
        }

        @Override
        public boolean covers(Selector other) {
            return other instanceof Uid(Set<Long> others) && ids.containsAll(others);
        }

        @Override
        public List<String> values() {
            return sorted(ids);
        }
    }

    /** Effective group ids. */
    record Gid(Set<Long> ids) implements CallerSelector {
        public Gid {
            ids = Set.copyOf(ids);
        }

        @Override
        public String key() {
            return "gid";
        }

        @Override
        public Verdict test(Workload workload) {
            return Verdict.of(ids.contains(workload.caller().gid()));
        }

        @Override
        public String mismatch(Workload workload) {
            return "gid " + workload.caller().gid() + Selector.isNot(ids);
        }

        @Override
        public boolean covers(Selector other) {
            return other instanceof Gid(Set<Long> others) && ids.containsAll(others);
        }

        @Override
        public List<String> values() {
            return sorted(ids);
        }
    }

    /** Supplementary group ids. */
    record Groups(Set<Long> ids) implements CallerSelector {
        public Groups {
            ids = Set.copyOf(ids);
        }

        @Override
        public String key() {
            return "groups";
        }

        @Override
        public Verdict test(Workload workload) {
            return Verdict.of(workload.caller().groups().stream().anyMatch(ids::contains));
        }

        @Override
        public String mismatch(Workload workload) {
            List<Long> actual = workload.caller().groups();
            if (actual.isEmpty()) {
                return "the caller has no groups";
            }
            String wanted = (ids.size() == 1 ? " is " : " is one of ") + Selector.listed(ids);
            return "none of groups " + Selector.listed(actual) + wanted;
        }

        @Override
        public boolean covers(Selector other) {
            return other instanceof Groups(Set<Long> others) && ids.containsAll(others);
        }

        @Override
        public List<String> values() {
            return sorted(ids);
        }
    }

    /** That the caller cannot be mistaken for another process, not even for one that got its number. Tells nobody from anybody else. */
    record StrictPin() implements CallerSelector {
        @Override
        public String key() {
            return "pin";
        }

        @Override
        public Verdict test(Workload workload) {
            return Verdict.of(workload.strictlyPinned());
        }

        @Override
        public String mismatch(Workload workload) {
            return "pin weak is not strict";
        }

        @Override
        public boolean covers(Selector other) {
            return other instanceof StrictPin;
        }

        @Override
        public List<String> values() {
            return List.of("strict");
        }

        @Override
        public Set<Capability> needs() {
            return Set.of(Capability.STRICT_PIN);
        }
    }

    private static List<String> sorted(Set<Long> ids) {
        return ids.stream().sorted().map(String::valueOf).toList();
    }
}
