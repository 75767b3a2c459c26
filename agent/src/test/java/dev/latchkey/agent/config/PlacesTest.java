package dev.latchkey.agent.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.FailureKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

class PlacesTest {
    private static final Optional<Path> NONE = Optional.empty();
    private static final Map<String, String> SYSTEMD = Map.of(
            "CONFIGURATION_DIRECTORY", "/etc/lk:/etc/other",
            "STATE_DIRECTORY", "/var/lib/lk:/var/lib/other",
            "RUNTIME_DIRECTORY", "/run/lk");
    private static final Map<String, String> XDG =
            Map.of("XDG_CONFIG_HOME", "/x/config", "XDG_STATE_HOME", "/x/state", "XDG_RUNTIME_DIR", "/x/run");
    private static final Map<String, String> OURS = Map.of(
            "LATCHKEY_CONFIG", "/e/agent.yaml", "LATCHKEY_STATE", "/e/state", "LATCHKEY_SOCKET", "/e/agent.sock");

    @Test
    void rootHasTheSystemsPlaces() {
        Places places = places(0, Map.of("HOME", "/root", "XDG_STATE_HOME", "/x", "XDG_RUNTIME_DIR", "/y"));

        assertEquals(file("/etc/latchkey/agent.yaml", false), places.configFile(NONE));
        assertRuns(places, "/var/lib/latchkey", "/run/latchkey/agent.sock", "/var/lib/latchkey/admin.sock");
    }

    @Test
    void aUserHasPlacesOfTheirOwn() {
        Places places = places(1000, Map.of("HOME", "/home/a"));

        assertEquals(file("/home/a/.config/latchkey/agent.yaml", false), places.configFile(NONE));
        assertRuns(
                places,
                "/home/a/.local/state/latchkey",
                "/home/a/.local/state/latchkey/run/agent.sock",
                "/home/a/.local/state/latchkey/admin.sock");
    }

    @Test
    void aUserIsFoundWithoutHome() {
        assertEquals(
                file("/home/alice/.config/latchkey/agent.yaml", false),
                places(1000, Map.of()).configFile(NONE));
    }

    @Test
    void theLoginSessionHoldsTheSocketIfThereIsOne() {
        Places places = new Places(Fixture.host(1000, Map.of("HOME", "/h"), Set.of(Path.of("/run/user/1000"))));

        assertEquals(Path.of("/run/user/1000/latchkey/agent.sock"), socket(places.run(NONE, NONE, config(""))));
    }

    @Test
    void xdgMovesAUsersPlaces() {
        Places places = places(1000, XDG);

        assertEquals(file("/x/config/latchkey/agent.yaml", false), places.configFile(NONE));
        assertRuns(places, "/x/state/latchkey", "/x/run/latchkey/agent.sock", "/x/state/latchkey/admin.sock");
    }

    @Test
    void relativeFoldersOfXdgAndEmptyVariablesCountAsUnset() {
        Places places = places(
                1000,
                Map.of(
                        "HOME", "/h",
                        "XDG_CONFIG_HOME", "rel",
                        "XDG_STATE_HOME", "",
                        "STATE_DIRECTORY", "",
                        "LATCHKEY_CONFIG", "",
                        "LATCHKEY_STATE", "",
                        "LATCHKEY_SOCKET", ""));

        assertEquals(file("/h/.config/latchkey/agent.yaml", false), places.configFile(NONE));
        assertRuns(
                places,
                "/h/.local/state/latchkey",
                "/h/.local/state/latchkey/run/agent.sock",
                "/h/.local/state/latchkey/admin.sock");
    }

    @Test
    void theFirstFolderThatSystemdMadeGoesBeforeTheDefault() {
        Places places = places(990, SYSTEMD);

        assertEquals(file("/etc/lk/agent.yaml", false), places.configFile(NONE));
        assertRuns(places, "/var/lib/lk", "/run/lk/agent.sock", "/var/lib/lk/admin.sock");
    }

    @Test
    void theConfigurationGoesBeforeSystemd() {
        RunPlaces run =
                places(990, SYSTEMD).run(NONE, NONE, config("state: /c\nsockets: [{name: a, path: /d/a.sock}]\n"));

        assertEquals(Path.of("/c"), run.state());
        assertEquals(Path.of("/d/a.sock"), socket(run));
    }

    @Test
    void variablesGoBeforeTheConfiguration() {
        Places places = places(990, OURS);
        RunPlaces run = places.run(
                NONE,
                NONE,
                config(
                        "state: /c\nsockets: [{name: a, path: /d/a.sock, mode: \"0666\"}, {name: b, path: /f/b.sock}]\n"));

        assertEquals(file("/e/agent.yaml", true), places.configFile(NONE));
        assertEquals(Path.of("/e/state"), run.state());
        assertEquals(
                List.of(
                        new SocketConfig("a", Path.of("/e/agent.sock"), 0666, Optional.empty(), true),
                        new SocketConfig("b", Path.of("/f/b.sock"), 0600, Optional.empty(), true)),
                run.sockets());
    }

    @Test
    void optionsGoBeforeVariables() {
        Places places = places(990, OURS);
        RunPlaces run =
                places.run(Optional.of(Path.of("/o/../o/state")), Optional.of(Path.of("/o/a.sock")), config(""));

        assertEquals(file("/o/agent.yaml", true), places.configFile(Optional.of(Path.of("/o/agent.yaml"))));
        assertEquals(Path.of("/o/state"), run.state());
        assertEquals(List.of(SocketConfig.ownerOnly(Path.of("/o/a.sock"))), run.sockets());
    }

    @Test
    void pathsBecomeAbsolute() {
        RunPlaces run =
                places(990, Map.of()).run(Optional.of(Path.of("s")), Optional.of(Path.of("r/a.sock")), config(""));

        assertEquals(Path.of("s").toAbsolutePath(), run.state());
        assertEquals(Path.of("r/a.sock").toAbsolutePath(), socket(run));
        assertEquals(run.state().resolve("audit.log"), run.inState(Path.of("audit.log")));
        assertEquals(Path.of("/abs"), run.inState(Path.of("/abs")));
    }

    @Test
    void theConfigurationPlacesTheAdminSocket() {
        Places places = places(0, Map.of());

        assertEquals(
                Optional.of(Path.of("/run/latchkey-admin/admin.sock")),
                places.run(NONE, NONE, config("admin: {socket: /run/latchkey-admin/admin.sock}"))
                        .adminSocket());
        assertEquals(
                Optional.empty(),
                places.run(NONE, NONE, config("admin: {socket: none}")).adminSocket());
    }

    @Test
    void refusesAnAdminSocketBesideAWorkloadSocket() {
        assertRefused(
                "the admin socket /s/admin.sock would lie beside the workload socket /s/agent.sock",
                () -> places(0, Map.of())
                        .run(Optional.of(Path.of("/s")), Optional.of(Path.of("/s/x/../agent.sock")), config("")));
    }

    @Test
    void refusesASocketThatIsMovedIntoTheFolderOfAnother() {
        AgentConfig two = config("sockets: [{name: a, path: /run/a/agent.sock}, {name: b, path: /run/b/agent.sock}]");
        assertRefused(
                "the socket /run/b/other.sock would lie in the folder of the socket /run/b/agent.sock",
                () -> places(0, Map.of()).run(NONE, Optional.of(Path.of("/run/b/../b/other.sock")), two));
        assertRefused(
                "the socket /run/b/agent.sock would lie in the folder of the socket /run/b/agent.sock",
                () -> places(0, Map.of("LATCHKEY_SOCKET", "/run/b/agent.sock")).run(NONE, NONE, two));
        Path apart = Path.of("/run/c/agent.sock");
        assertEquals(apart, socket(places(0, Map.of()).run(NONE, Optional.of(apart), two)));
    }

    @Test
    void refusesPathsThatTheKernelHasNoRoomFor() {
        Path fits = Path.of("/" + "é".repeat(53));
        Path over = Path.of("/" + "é".repeat(53) + "x");
        Places places = places(0, Map.of());

        assertEquals(fits, socket(places.run(NONE, Optional.of(fits), config(""))));
        assertEquals(fits, places.adminSocket(Optional.of(fits)));
        String message = "the socket's path is over 107 bytes: " + over;
        assertRefused(message, () -> places.run(NONE, Optional.of(over), config("")));
        assertRefused(message, () -> places.adminSocket(Optional.of(over)));
        Path state = Path.of("/" + "s".repeat(100));
        assertRefused(
                "the socket's path is over 107 bytes: " + state + "/admin.sock",
                () -> places.run(Optional.of(state), NONE, config("")));
    }

    @Test
    void refusesToGuessAHome() {
        assertRefused(
                "no home folder is known for uid 4242",
                () -> places(4242, Map.of()).configFile(NONE));
        assertRefused(
                "no home folder is known for uid 4242",
                () -> places(4242, Map.of()).run(NONE, NONE, config("")));
    }

    @Test
    void needsNoHomeWherePlacesAreNamed() {
        assertEquals(
                Path.of("/e/state"),
                places(4242, OURS).run(NONE, NONE, config("")).state());
    }

    @Test
    void refusesAVariableThatIsNoPath() {
        assertRefused(
                "LATCHKEY_STATE is not a path",
                () -> places(0, Map.of("LATCHKEY_STATE", "a\0b")).run(NONE, NONE, config("")));
    }

    @Test
    void adminCommandsLookInOrder() {
        Map<String, String> environment = Map.of("HOME", "/h", "LATCHKEY_STATE", "/e/state");

        assertEquals(
                List.of(
                        Path.of("/e/state/admin.sock"),
                        Path.of("/h/.local/state/latchkey/admin.sock"),
                        Path.of("/var/lib/latchkey/admin.sock"),
                        Path.of("/run/latchkey-admin/admin.sock")),
                places(1000, environment).adminSocketCandidates());
        assertEquals(
                List.of(Path.of("/var/lib/latchkey/admin.sock"), Path.of("/run/latchkey-admin/admin.sock")),
                places(0, Map.of("HOME", "/root")).adminSocketCandidates());
    }

    @Test
    void adminCommandsTakeTheFirstSocketThatIsThere() {
        Path there = Path.of("/var/lib/latchkey/admin.sock");
        Host host = Fixture.host(1000, Map.of("HOME", "/h"), Set.of(there, Path.of("/run/latchkey-admin/admin.sock")));

        assertEquals(there, new Places(host).adminSocket(NONE));
    }

    @Test
    void adminCommandsTakeTheSocketThatIsNamedWhetherItIsThereOrNot() {
        Map<String, String> environment = Map.of("HOME", "/h", "LATCHKEY_ADMIN_SOCKET", "/e/admin.sock");
        Host host = Fixture.host(1000, environment, Set.of(Path.of("/var/lib/latchkey/admin.sock")));

        assertEquals(Path.of("/e/admin.sock"), new Places(host).adminSocket(NONE));
        assertEquals(Path.of("/o/admin.sock"), new Places(host).adminSocket(Optional.of(Path.of("/o/admin.sock"))));
    }

    @Test
    void adminCommandsNameEverySocketTheyTried() {
        assertRefused(
                "no admin socket at /h/.local/state/latchkey/admin.sock, /var/lib/latchkey/admin.sock, /run/latchkey-admin/admin.sock",
                () -> places(1000, Map.of("HOME", "/h")).adminSocket(NONE));
    }

    @Test
    void adminCommandsTellAPlaceThatTheyCannotLookAt(@TempDir Path folder) throws IOException {
        Path loop = Files.createSymbolicLink(folder.resolve("loop"), Path.of("loop"));

        assertRefused(
                "no admin socket at " + loop.resolve("admin.sock")
                        + ", /h/.local/state/latchkey/admin.sock, /var/lib/latchkey/admin.sock,"
                        + " /run/latchkey-admin/admin.sock, of which cannot be looked at: "
                        + loop.resolve("admin.sock"),
                () -> places(1000, Map.of("HOME", "/h", "LATCHKEY_STATE", loop.toString()))
                        .adminSocket(NONE));
    }

    private static void assertRuns(Places places, String state, String socket, String admin) {
        assertEquals(
                new RunPlaces(
                        Path.of(state), List.of(SocketConfig.ownerOnly(Path.of(socket))), Optional.of(Path.of(admin))),
                places.run(NONE, NONE, config("")));
    }

    private static void assertRefused(String message, Executable call) {
        AgentException refusal = assertThrows(AgentException.class, call);
        assertEquals(FailureKind.BAD_CONFIGURATION, refusal.kind());
        assertEquals(message, refusal.getMessage());
    }

    private static Places places(long uid, Map<String, String> environment) {
        return new Places(Fixture.host(uid, environment, Set.of()));
    }

    private static AgentConfig config(String yaml) {
        return Fixture.config(yaml);
    }

    private static Path socket(RunPlaces run) {
        return run.sockets().getFirst().path();
    }

    private static Places.ConfigFile file(String path, boolean mustExist) {
        return new Places.ConfigFile(Path.of(path), mustExist);
    }
}
