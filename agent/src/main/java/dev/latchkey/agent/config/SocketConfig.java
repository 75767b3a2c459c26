package dev.latchkey.agent.config;

import java.nio.file.Path;
import java.util.Optional;

/**
 * One workload socket.
 *
 * @param name what rules and audit records call it
 * @param path absolute, at most 107 bytes
 * @param mode permission bits
 * @param gid the group that owns it; absent: the agent's own
 * @param pidRequired whether a caller whose pid the agent cannot see is refused
 */
public record SocketConfig(String name, Path path, int mode, Optional<Long> gid, boolean pidRequired) {
    /** The name of the socket that is there without configuration. */
    public static final String DEFAULT_NAME = "main";

    static final int OWNER_ONLY = 0600;
    static final int OWNER_AND_GROUP = 0660;
    private static final int OF_OTHERS = 0007;
    private static final int GROUP_WRITES = 0020;

    public SocketConfig {
        if (!path.isAbsolute() || (mode & ~0777) != 0) {
            throw new IllegalStateException("not a socket: " + path);
        }
    }

    /**
     * The group that whoever connects must be in, where that is the only way in besides being the agent's user or root.
     *
     * <p>SECURITY: this says nothing of who is in the group.
     */
    public Optional<Long> launcherGroup() {
        return gid.filter(_ -> (mode & OF_OTHERS) == 0 && (mode & GROUP_WRITES) != 0);
    }

    static SocketConfig ownerOnly(Path path) {
        return new SocketConfig(DEFAULT_NAME, path, OWNER_ONLY, Optional.empty(), true);
    }

    SocketConfig at(Path elsewhere) {
        return new SocketConfig(name, elsewhere, mode, gid, pidRequired);
    }
}
