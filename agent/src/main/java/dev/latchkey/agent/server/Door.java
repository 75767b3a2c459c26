package dev.latchkey.agent.server;

import io.netty.channel.epoll.LinuxSocket;
import io.netty.channel.unix.DomainSocketAddress;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** The listening socket of one place, with a doorkeeper at each event loop: whichever is free lets in who comes. */
final class Door {
    private static final int BACKLOG = 4_096;

    private final LinuxSocket socket;
    private final List<Doorkeeper> keepers;

    private Door(LinuxSocket socket, List<Doorkeeper> keepers) {
        this.socket = socket;
        this.keepers = keepers;
    }

    /**
     * Listens at that path, and lets nobody in yet.
     *
     * @throws IOException if the path cannot be had
     */
    static Door bind(Shared shared, Listener listener, Path path, List<Station> stations) throws IOException {
        LinuxSocket socket = LinuxSocket.newSocketDomain();
        try {
            socket.bind(new DomainSocketAddress(path.toString()));
            socket.listen(BACKLOG);
        } catch (IOException e) {
            socket.close();
            throw e;
        }
        return new Door(
                socket,
                stations.stream()
                        .map(station -> new Doorkeeper(shared, listener, socket, station))
                        .toList());
    }

    /** Of the listening socket. */
    int descriptor() {
        return socket.intValue();
    }

    /** From now on lets in. */
    void open() {
        keepers.forEach(Doorkeeper::open);
    }

    /** Accepts nobody any more, and ends the connections of those who still wait to be let in. Blocks. */
    void close() {
        keepers.forEach(Doorkeeper::close);
        Descriptors.close(socket);
    }
}
