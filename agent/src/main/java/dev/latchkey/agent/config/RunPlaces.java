package dev.latchkey.agent.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Where a running agent has its files and sockets; every path absolute.
 *
 * @param sockets at least one
 * @param adminSocket absent: there is none
 */
public record RunPlaces(Path state, List<SocketConfig> sockets, Optional<Path> adminSocket) {
    public RunPlaces {
        sockets = List.copyOf(sockets);
    }

    /** Where admin commands look for this agent and no other, also if it takes none. */
    public Path ownAdminSocket() {
        return adminSocket.orElse(state.resolve(Places.ADMIN_SOCKET));
    }

    /** A path of the configuration that may be relative to the state folder. */
    public Path inState(Path path) {
        return state.resolve(path).normalize();
    }
}
