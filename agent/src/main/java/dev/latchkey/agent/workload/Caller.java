package dev.latchkey.agent.workload;

import java.util.List;

/**
 * The peer of a connection as the kernel reported it when the connection was accepted.
 *
 * @param listener the name of the socket it came in by
 * @param pid 0 if it lives in a PID namespace that ours cannot see
 * @param uid effective user id, 0 to 2^32-2; 65534 is any user that is not mapped here
 * @param gid effective group id
 * @param groups supplementary group ids, ascending
 */
public record Caller(String listener, int pid, long uid, long gid, List<Long> groups) {
    /** What the kernel shows for every user that has no name in our user namespace, root of another one too. */
    public static final long UNMAPPED_UID = 65534;

    public Caller {
        // Most have one, or come in order from the kernel.
        groups = groups.size() < 2
                ? List.copyOf(groups)
                : groups.stream().sorted().distinct().toList();
    }

    /** Whether its process can be seen from here. */
    public boolean hasPid() {
        return pid != 0;
    }
}
