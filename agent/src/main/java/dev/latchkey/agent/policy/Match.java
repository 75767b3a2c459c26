package dev.latchkey.agent.policy;

import java.util.Set;

/**
 * The selectors of a rule. All that are not empty must match; each is any-of.
 *
 * @param listeners names of sockets
 * @param uids effective user ids
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
}
