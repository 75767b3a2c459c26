package dev.latchkey.agent.admin;

import dev.latchkey.agent.workload.Caller;
import java.util.List;
import java.util.Set;

/**
 * Who may do what. An immutable snapshot; a reloaded configuration brings a new one.
 *
 * @param agentUid the user the agent runs as, who is an admin, as root is
 * @param grants all others; the first that fits decides
 * @param reveal the roles that may be shown values; empty: nobody. A higher role than a named one does not imply it.
 */
public record Access(long agentUid, List<RoleGrant> grants, Set<Role> reveal) {
    /** The user that stands for every user who is not mapped here, root of another namespace included. */
    private static final long OVERFLOW_UID = 65534;

    public Access {
        grants = List.copyOf(grants);
        reveal = Set.copyOf(reveal);
    }

    /** Without configuration: root and the agent's own user, and no value is ever shown. */
    public static Access ownerOnly(long agentUid) {
        return new Access(agentUid, List.of(), Set.of());
    }

    public Operator identify(Caller peer) {
        return new Operator(peer.pid(), peer.uid(), peer.gid(), roleOf(peer));
    }

    private Role roleOf(Caller peer) {
        if (peer.uid() == 0 || peer.uid() == agentUid) {
            return Role.ADMIN;
        }
        return grants.stream()
                .filter(grant -> matches(grant, peer))
                .map(RoleGrant::role)
                .findFirst()
                .orElse(Role.NONE);
    }

    // SECURITY: unmapped users and groups all look alike, so a group never speaks for one; only naming 65534 itself
    // does.
    private static boolean matches(RoleGrant grant, Caller peer) {
        return switch (grant) {
            case RoleGrant.ToUser(long uid, Role _) -> uid == peer.uid();
            case RoleGrant.ToGroup(long gid, Role _) ->
                peer.uid() != OVERFLOW_UID
                        && (gid == peer.gid() || peer.groups().contains(gid));
        };
    }

    boolean mayReveal(Operator operator) {
        return reveal.contains(operator.role());
    }
}
