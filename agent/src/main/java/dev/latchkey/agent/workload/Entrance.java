package dev.latchkey.agent.workload;

import java.util.Optional;

/**
 * The socket that a caller came in by, as far as it matters who the caller is.
 *
 * @param listener its name
 * @param pidRequired whether a caller whose pid the kernel cannot show us is turned away
 * @param launcherGroup the group that one must have to connect, where that is nobody's but a set-group-id executable's; absent: anybody may
 *     connect for other reasons
 */
public record Entrance(String listener, boolean pidRequired, Optional<Long> launcherGroup) {}
