package dev.latchkey.agent.server;

import dev.latchkey.agent.socket.SocketPlace;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Optional;
import java.util.Set;

/**
 * One workload socket.
 *
 * @param name what rules call it
 * @param path absolute, at most 107 bytes
 * @param mode who may connect
 * @param gid the group that owns the socket; absent: the agent's own
 * @param pidRequired whether a caller from another PID namespace is turned away
 */
public record Listener(String name, Path path, Set<PosixFilePermission> mode, Optional<Long> gid, boolean pidRequired) {
    public Listener {
        mode = Set.copyOf(mode);
        if (!path.isAbsolute()) {
            throw new IllegalStateException("not an absolute path: " + path);
        }
    }

    SocketPlace place() {
        return new SocketPlace(path, mode, gid, Optional.empty());
    }
}
