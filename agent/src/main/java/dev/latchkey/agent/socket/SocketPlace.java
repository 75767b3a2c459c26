package dev.latchkey.agent.socket;

import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Optional;
import java.util.Set;

/**
 * Where a socket is to be, and who may connect to it.
 *
 * @param path absolute, at most 107 bytes
 * @param gid the group that owns the socket; absent: the agent's own
 * @param modeWithoutGroup what to do where the group cannot be given: use this mode; absent: fail
 */
public record SocketPlace(
        Path path,
        Set<PosixFilePermission> mode,
        Optional<Long> gid,
        Optional<Set<PosixFilePermission>> modeWithoutGroup) {
    public SocketPlace {
        mode = Set.copyOf(mode);
        modeWithoutGroup = modeWithoutGroup.map(Set::copyOf);
        if (!path.isAbsolute()) {
            throw new IllegalStateException("not an absolute path: " + path);
        }
    }

    /** Whether others than the owner may connect. */
    boolean isShared() {
        return mode.stream().anyMatch(permission -> !permission.name().startsWith("OWNER"));
    }
}
