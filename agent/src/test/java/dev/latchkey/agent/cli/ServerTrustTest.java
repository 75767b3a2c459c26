package dev.latchkey.agent.cli;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.latchkey.agent.cli.ServerTrust.Folder;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServerTrustTest {
    private static final Path SOCKET = Path.of("/run/latchkey-admin/admin.sock");
    private static final User ROOT = new User("0");
    private static final User OWN = new User("4000001");
    private static final User AGENT = new User("4000002");
    private static final User STRANGER = new User("4000003");

    private final Map<Path, Folder> folders = new HashMap<>();
    private final ServerTrust trust = new ServerTrust(ROOT, OWN, path -> Optional.ofNullable(folders.get(path)));

    private record User(String getName) implements UserPrincipal {
        @Override
        public String getName() {
            return getName;
        }
    }

    @BeforeEach
    void agentsFolderInRootsFolders() {
        folders.put(Path.of("/"), new Folder(ROOT, false));
        folders.put(Path.of("/run"), new Folder(ROOT, false));
        folders.put(Path.of("/run/latchkey-admin"), new Folder(AGENT, false));
    }

    @Test
    void acceptsRootOneselfAndTheOwnerOfAGuardedFolder() {
        assertDoesNotThrow(() -> trust.require(SOCKET, ROOT));
        assertDoesNotThrow(() -> trust.require(SOCKET, OWN));
        assertDoesNotThrow(() -> trust.require(SOCKET, AGENT));
    }

    @Test
    void acceptsFoldersOfTheOwnerAbove() {
        folders.put(Path.of("/run"), new Folder(AGENT, false));

        assertDoesNotThrow(() -> trust.require(SOCKET, AGENT));
    }

    @Test
    void refusesAnotherUserAndNamesThoseItAccepts() {
        assertEquals(
                "the server at /run/latchkey-admin/admin.sock runs as uid 4000003; accepted: 0 (root), 4000001 (your own), "
                        + "4000002 (the owner of its folder)",
                refused(STRANGER));
    }

    @Test
    void refusesTheOwnerOfAFolderThatOthersCanWrite() {
        folders.put(Path.of("/run/latchkey-admin"), new Folder(AGENT, true));

        assertRefusesTheAgent();
    }

    @Test
    void refusesTheOwnerOfAFolderInOneThatOthersCanWrite() {
        folders.put(Path.of("/run"), new Folder(ROOT, true));

        assertRefusesTheAgent();
    }

    @Test
    void refusesTheOwnerOfAFolderInAStrangersOne() {
        folders.put(Path.of("/run"), new Folder(STRANGER, false));

        assertRefusesTheAgent();
    }

    @Test
    void refusesTheOwnerWhereALinkOrNothingStandsAbove() {
        folders.remove(Path.of("/run"));

        assertRefusesTheAgent();
    }

    @Test
    void sendsNothingToAServerThatIsNotTrusted(@TempDir Path folder) throws IOException {
        Path socket = folder.resolve("s");
        ServerTrust nobody = new ServerTrust(new User("-"), new User("-"), _ -> Optional.empty());
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(socket));

            CommandFailure failure = assertThrows(
                    CommandFailure.class, () -> new AdminClient(socket, nobody).delete(Target.of("/v1/secrets/a")));

            assertEquals(CommandFailure.FAILED, failure.exitStatus());
            try (SocketChannel peer = server.accept()) {
                assertEquals(-1, peer.read(ByteBuffer.allocate(1)), "a byte was sent");
            }
        }
    }

    private void assertRefusesTheAgent() {
        assertEquals(
                "the server at /run/latchkey-admin/admin.sock runs as uid 4000002; accepted: 0 (root), 4000001 (your own)",
                refused(AGENT));
    }

    private String refused(User server) {
        return String.valueOf(assertThrows(CommandFailure.class, () -> trust.require(SOCKET, server))
                .getMessage());
    }
}
