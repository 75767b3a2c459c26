package dev.latchkey.agent.server;

import dev.latchkey.agent.socket.SocketPlace;
import dev.latchkey.agent.workload.Entrance;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Optional;
import java.util.Set;

/**
 * One workload socket.
 *
 * @param entrance its name, and whom it is for
 * @param path absolute, at most 107 bytes
 * @param mode who may connect
 * @param gid the group that owns the socket; absent: the agent's own
 */
public record Listener(Entrance entrance, Path path, Set<PosixFilePermission> mode, Optional<Long> gid) {
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
