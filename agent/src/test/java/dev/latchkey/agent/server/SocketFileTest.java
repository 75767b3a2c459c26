package dev.latchkey.agent.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.health.Readiness;
import dev.latchkey.agent.socket.SocketFile;
import dev.latchkey.agent.socket.SocketPlace;
import dev.latchkey.agent.telemetry.Log;
import dev.latchkey.protocol.Check;
import dev.latchkey.protocol.Status;
import dev.latchkey.protocol.Version;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of the path of a workload socket. */
class SocketFileTest {
    private final List<WorkloadServer> servers = new ArrayList<>();

    @TempDir
    private Path folder;

    @AfterEach
    void stop() {
        servers.forEach(server -> server.drain(Duration.ZERO));
    }

    @Test
    void sharedSocketHasItsModeAndGroupInAFolderThatWorkloadsCanPass() throws IOException {
        Path socket = folder.resolve("run/agent.sock");
        PosixFileAttributes own = Files.readAttributes(folder, PosixFileAttributes.class);
        long gid = (Integer) Files.getAttribute(folder, "unix:gid");
        serve(new Listener(Fakes.MAIN, socket, PosixFilePermissions.fromString("rw-rw----"), Optional.of(gid)));

        PosixFileAttributes made = Files.readAttributes(socket, PosixFileAttributes.class);
        assertTrue(made.isOther());
        assertEquals("rw-rw----", PosixFilePermissions.toString(made.permissions()));
        assertEquals(own.group(), made.group());
        assertEquals("rwxr-xr-x", mode(folder.resolve("run")));
        assertEquals(List.of(socket), contents(folder.resolve("run")), "the folder to bind in is gone");
    }

    @Test
    void privateSocketLiesInAPrivateFolder() throws IOException {
        Path socket = folder.resolve("state/run/agent.sock");
        serve(listener(socket));
        assertEquals("rw-------", mode(socket));
        assertEquals("rwx------", mode(folder.resolve("state/run")));
        assertEquals("rwx------", mode(folder.resolve("state")));
    }

    @Test
    void folderThatIsThereStaysAsItIs() throws IOException {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwx---"));
        serve(listener(folder.resolve("agent.sock")));
        assertEquals("rwxrwx---", mode(folder));
    }

    @Test
    void staleSocketIsReplaced() throws Exception {
        Path socket = folder.resolve("agent.sock");
        try (ServerSocketChannel left = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            left.bind(UnixDomainSocketAddress.of(socket));
        }
        assertTrue(Files.exists(socket));
        serve(listener(socket));
        assertServed(socket);
    }

    @Test
    void secondServerIsRefusedByPidAndTheFirstGoesOn() throws Exception {
        Path socket = folder.resolve("agent.sock");
        serve(listener(socket));
        AgentException e = assertThrows(AgentException.class, () -> serve(listener(socket)));
        assertEquals(FailureKind.STATE_UNUSABLE, e.kind());
        String pid = "process " + ProcessHandle.current().pid();
        assertTrue(
                e.failure().message().contains(socket.toString())
                        && e.failure().message().contains(pid),
                e.failure().message());
        assertServed(socket);
        assertEquals(List.of(socket), contents(folder));
    }

    @Test
    void whateverIsNoSocketStaysUntouched() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "mine");
        Path directory = Files.createDirectory(folder.resolve("directory"));
        Path link = Files.createSymbolicLink(folder.resolve("link"), folder.resolve("nowhere"));
        for (Path path : List.of(file, directory, link)) {
            AgentException e = assertThrows(AgentException.class, () -> serve(listener(path)));
            assertEquals(FailureKind.STATE_UNUSABLE, e.kind());
            assertEquals(
                    "the socket " + path + " is something else than a socket",
                    e.failure().message());
            assertTrue(e.failure().hint().isPresent());
        }
        assertEquals("mine", Files.readString(file));
        assertTrue(Files.isDirectory(directory) && Files.isSymbolicLink(link));
        assertEquals(3, contents(folder).size());
    }

    @Test
    void listensOnAllOrOnNone() throws IOException {
        Path good = folder.resolve("good.sock");
        Path bad = Files.writeString(folder.resolve("bad.sock"), "mine");
        assertThrows(AgentException.class, () -> serve(listener(good), listener(bad)));
        assertFalse(Files.exists(good));
        assertEquals("mine", Files.readString(bad));
    }

    @Test
    void aFolderThatMayNotBeWrittenIsNamedWithAWayOut() {
        SocketPlace place =
                new SocketPlace(Path.of("/run/latchkey/agent.sock"), Set.of(), Optional.empty(), Optional.empty());

        AgentException refused = SocketFile.failed(place, new AccessDeniedException("/run/latchkey/.4u"));

        assertEquals(
                "the socket /run/latchkey/agent.sock cannot be made: no right to write in /run/latchkey",
                refused.failure().message());
        assertTrue(refused.failure().hint().orElseThrow().contains("${XDG_RUNTIME_DIR}/latchkey/agent.sock"));
    }

    @Test
    void pathThatIsTooLongIsNamedAndNeverCut() throws IOException {
        int room = 107 - folder.toString().length() - 1;
        Path longest = folder.resolve("x".repeat(room));
        serve(listener(longest));
        assertTrue(Files.exists(longest));
        Path over = folder.resolve("y".repeat(room + 1));
        AgentException e = assertThrows(AgentException.class, () -> serve(listener(over)));
        assertTrue(
                e.failure().message().contains(over.toString())
                        && e.failure().message().contains("108 bytes"),
                e.failure().message());
        assertEquals(List.of(longest), contents(folder));
    }

    @Test
    void socketThatIsNoLongerOursIsNotRemoved() throws Exception {
        Path socket = folder.resolve("agent.sock");
        WorkloadServer server = serve(listener(socket));
        Files.delete(socket);
        try (ServerSocketChannel other = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            other.bind(UnixDomainSocketAddress.of(socket));
            server.drain(Duration.ZERO);
            assertTrue(Files.exists(socket));
        }
    }

    @Test
    void removedSocketDoesNotKeepTheServerFromDraining() throws IOException {
        Path socket = folder.resolve("agent.sock");
        WorkloadServer server = serve(listener(socket));
        Files.delete(socket);
        server.drain(Duration.ZERO);
        assertEquals(List.of(), contents(folder));
    }

    private WorkloadServer serve(Listener... listeners) {
        Log log = new Log(
                new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8),
                Clock.systemUTC(),
                Log.Level.ERROR,
                Log.Format.JSON);
        WorkloadServer server = new WorkloadServer(
                new Services(
                        new Fakes.FakeInjector(),
                        new Fakes.FakeAttestor(),
                        new Fakes.FakeDeliveries(),
                        new Readiness(),
                        new Fakes.FakeAudit(),
                        log),
                Limits.defaults());
        server.start(List.of(listeners));
        servers.add(server);
        return server;
    }

    private static Listener listener(Path socket) {
        return new Listener(Fakes.MAIN, socket, PosixFilePermissions.fromString("rw-------"), Optional.empty());
    }

    private static void assertServed(Path socket) throws Exception {
        try (Client client = new Client(socket)) {
            client.send(new Check().encode(Version.CURRENT));
            assertInstanceOf(Status.class, client.receive());
        }
    }

    private static String mode(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    private static List<Path> contents(Path path) throws IOException {
        try (Stream<Path> files = Files.list(path)) {
            return files.sorted().toList();
        }
    }
}
