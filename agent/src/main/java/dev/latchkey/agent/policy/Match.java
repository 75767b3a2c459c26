package dev.latchkey.agent.policy;

import dev.latchkey.agent.workload.Caller;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The selectors of a rule. All that are not empty must match; each is any-of.
 *
 * @param listeners names of sockets
 * @param uids effective user ids; SECURITY: {@link Caller#UNMAPPED_UID} matches only where it is named
 * @param gids effective group ids
 * @param groups supplementary group ids
 */
public record Match(Set<String> listeners, Set<Long> uids, Set<Long> gids, Set<Long> groups) {
    public Match {
        listeners = Set.copyOf(listeners);
        uids = Set.copyOf(uids);
        gids = Set.copyOf(gids);
        groups = Set.copyOf(groups);
    }

    public boolean isEmpty() {
        return listeners.isEmpty() && uids.isEmpty() && gids.isEmpty() && groups.isEmpty();
    }

    /** Whether the caller has one of each; SECURITY: nobody has what an empty match asks, lest a mistake serve everybody. */
    boolean matches(Caller caller) {
        return !isEmpty()
                && matchesUid(caller.uid())
                && anyOf(listeners, caller.listener())
                && anyOf(gids, caller.gid())
                && (groups.isEmpty() || caller.groups().stream().anyMatch(groups::contains));
    }

    /** In words, each selector that does not match the caller; none exactly if {@link #matches}. */
    List<String> mismatches(Caller caller) {
        List<String> all = new ArrayList<>();
        if (isEmpty()) {
            all.add("it has no selector");
        }
        if (!anyOf(listeners, caller.listener())) {
            all.add("listener " + caller.listener() + isNot(listeners));
        }
        if (!matchesUid(caller.uid())) {
            all.add("uid " + caller.uid() + (uids.isEmpty() ? " is matched only where it is named" : isNot(uids)));
        }
        if (!anyOf(gids, caller.gid())) {
            all.add("gid " + caller.gid() + isNot(gids));
        }
        if (!groups.isEmpty() && caller.groups().stream().noneMatch(groups::contains)) {
            all.add(
                    caller.groups().isEmpty()
                            ? "the caller has no groups"
                            : "none of groups " + listed(caller.groups()) + is(groups));
        }
        return all;
    }

    private boolean matchesUid(long uid) {
        return uids.contains(uid) || (uids.isEmpty() && uid != Caller.UNMAPPED_UID);
    }

    private static <T> boolean anyOf(Set<T> wanted, T actual) {
        return wanted.isEmpty() || wanted.contains(actual);
    }

    private static String isNot(Collection<?> wanted) {
        return is(wanted).replaceFirst("is", "is not");
    }

    private static String is(Collection<?> wanted) {
        return (wanted.size() == 1 ? " is " : " is one of ") + listed(wanted);
    }

    private static String listed(Collection<?> values) {
        return values.stream().sorted().map(String::valueOf).collect(Collectors.joining(", "));
    }
}
