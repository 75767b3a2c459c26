package dev.latchkey.agent.config;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Where things lie: an option goes before a variable of ours, that before the configuration, that before a folder that systemd made, that
 * before the default of root or of the user. An empty variable counts as unset.
 *
 * <p>Every method throws {@link AgentException} of kind {@code BAD_CONFIGURATION} for a place that cannot be used.
 */
public final class Places {
    /** What the kernel has room for in the address of a Unix socket. */
    static final int MAX_SOCKET_PATH = 107;

    private static final Path SYSTEM_CONFIG = Path.of("/etc/latchkey");
    private static final Path SYSTEM_STATE = Path.of("/var/lib/latchkey");
    private static final Path SYSTEM_RUN = Path.of("/run/latchkey");
    private static final Path SYSTEM_ADMIN = Path.of("/run/latchkey-admin");
    private static final String PRODUCT = "latchkey";
    private static final String CONFIG_FILE = "agent.yaml";
    private static final String WORKLOAD_SOCKET = "agent.sock";
    static final String ADMIN_SOCKET = "admin.sock";

    private final Host host;

    public Places(Host host) {
        this.host = host;
    }

    /**
     * The configuration file.
     *
     * @param mustExist it was named, so that it cannot be missing
     */
    public record ConfigFile(Path path, boolean mustExist) {}

    /** Which file to load. */
    public ConfigFile configFile(Optional<Path> option) {
        Optional<Path> named = option.or(() -> variable("LATCHKEY_CONFIG"));
        return named.map(path -> new ConfigFile(absolute(path), true))
                .orElseGet(() -> new ConfigFile(defaultConfigFolder().resolve(CONFIG_FILE), false));
    }

    /**
     * Everything that an agent with this configuration uses.
     *
     * @param stateOption {@code --state}
     * @param socketOption {@code --socket}: the path of the first workload socket, whatever the configuration says
     */
    public RunPlaces run(Optional<Path> stateOption, Optional<Path> socketOption, AgentConfig config) {
        Path state = absolute(stateOption
                .or(() -> variable("LATCHKEY_STATE"))
                .or(config::state)
                .orElseGet(this::defaultState));
        List<SocketConfig> sockets = sockets(socketOption.or(() -> variable("LATCHKEY_SOCKET")), config.sockets());
        Optional<Path> admin = switch (config.admin().socket()) {
            case AdminConfig.AdminSocket.InState _ -> Optional.of(state.resolve(ADMIN_SOCKET));
            case AdminConfig.AdminSocket.At(Path path) -> Optional.of(path);
            case AdminConfig.AdminSocket.None _ -> Optional.empty();
        };
        sockets.forEach(socket -> requireFits(socket.path()));
        admin.ifPresent(Places::requireFits);
        requireOwnFolders(sockets);
        admin.ifPresent(path -> requireApart(path, sockets));
        return new RunPlaces(state, sockets, admin);
    }

    /** The socket that admin commands speak to: the one named, else the first that is there. */
    public Path adminSocket(Optional<Path> option) {
        Optional<Path> named =
                option.or(() -> variable("LATCHKEY_ADMIN_SOCKET")).map(Places::absolute);
        Path found = named.orElseGet(() -> firstThere(adminSocketCandidates()));
        requireFits(found);
        return found;
    }

    /** Where admin commands look when no socket is named, in order. */
    List<Path> adminSocketCandidates() {
        Stream<Path> user = host.isRoot() ? Stream.empty() : userState().stream();
        Stream<Path> system = Stream.of(SYSTEM_STATE, SYSTEM_ADMIN);
        return Stream.of(variable("LATCHKEY_STATE").map(Places::absolute).stream(), user, system)
                .flatMap(folders -> folders)
                .map(folder -> folder.resolve(ADMIN_SOCKET))
                .distinct()
                .toList();
    }

    /** Whether the kernel can bind a socket to that path. */
    static boolean fits(Path path) {
        return path.toString().getBytes(StandardCharsets.UTF_8).length <= MAX_SOCKET_PATH;
    }

    /** SECURITY: a folder opened for workloads must not hold the admin socket as well. */
    static boolean besideEachOther(Path admin, Path workload) {
        return Objects.equals(
                admin.normalize().getParent(), workload.normalize().getParent());
    }

    private List<SocketConfig> sockets(Optional<Path> named, List<SocketConfig> configured) {
        if (configured.isEmpty()) {
            return List.of(SocketConfig.ownerOnly(named.map(Places::absolute).orElseGet(this::defaultSocket)));
        }
        List<SocketConfig> sockets = new ArrayList<>(configured);
        named.ifPresent(path -> sockets.set(0, configured.getFirst().at(absolute(path))));
        return sockets;
    }

    private Path firstThere(List<Path> candidates) {
        return candidates.stream().filter(host.exists()).findFirst().orElseThrow(() -> nowhere(candidates));
    }

    /** A place that may not be looked at is not one where nothing is. */
    private static AgentException nowhere(List<Path> candidates) {
        String tried =
                "no admin socket at " + candidates.stream().map(Path::toString).collect(Collectors.joining(", "));
        List<String> hidden = candidates.stream()
                .filter(path -> !Files.exists(path) && !Files.notExists(path))
                .map(Path::toString)
                .toList();
        return hidden.isEmpty()
                ? unusable(tried, "start an agent, or name its socket with --admin-socket or LATCHKEY_ADMIN_SOCKET")
                : unusable(
                        tried + ", of which cannot be looked at: " + String.join(", ", hidden),
                        "ask as root or as the agent's user, or let admin.socket and admin.roles of agent.yaml give others a way in");
    }

    private Path defaultConfigFolder() {
        return systemd("CONFIGURATION_DIRECTORY")
                .orElseGet(() -> host.isRoot()
                        ? SYSTEM_CONFIG
                        : host.folder("XDG_CONFIG_HOME")
                                .orElseGet(() -> home().resolve(".config"))
                                .resolve(PRODUCT));
    }

    private Path defaultState() {
        return systemd("STATE_DIRECTORY")
                .orElseGet(() -> host.isRoot() ? SYSTEM_STATE : userState().orElseThrow(this::homeless));
    }

    private Path defaultSocket() {
        return systemd("RUNTIME_DIRECTORY")
                .orElseGet(() -> host.isRoot() ? SYSTEM_RUN : userRun())
                .resolve(WORKLOAD_SOCKET);
    }

    private Optional<Path> userState() {
        return host.folder("XDG_STATE_HOME")
                .or(() -> host.home().map(home -> home.resolve(".local/state")))
                .map(folder -> folder.resolve(PRODUCT));
    }

    private Path userRun() {
        Path ofLogin = Path.of("/run/user/" + host.uid());
        return host.folder("XDG_RUNTIME_DIR")
                .or(() -> Optional.of(ofLogin).filter(host.exists()))
                .map(folder -> folder.resolve(PRODUCT))
                .orElseGet(() -> home().resolve(".local/state").resolve(PRODUCT).resolve("run"));
    }

    /** The first of the folders that systemd made for the unit. */
    private Optional<Path> systemd(String variable) {
        return host.variable(variable)
                .map(folders -> Path.of(folders.split(":", 2)[0]))
                .filter(Path::isAbsolute);
    }

    private Path home() {
        return host.home().orElseThrow(this::homeless);
    }

    private Optional<Path> variable(String name) {
        try {
            return host.variable(name).map(Path::of);
        } catch (InvalidPathException e) {
            throw new AgentException(Failure.of(FailureKind.BAD_CONFIGURATION, name + " is not a path"), e);
        }
    }

    private static Path absolute(Path path) {
        return path.toAbsolutePath().normalize();
    }

    private static void requireFits(Path path) {
        if (!fits(path)) {
            throw unusable(
                    "the socket's path is over " + MAX_SOCKET_PATH + " bytes: " + path,
                    "name a shorter path; the kernel has room for no more");
        }
    }

    /** The configuration has been checked; a path of the command line or of a variable has not. */
    private static void requireOwnFolders(List<SocketConfig> sockets) {
        for (SocketConfig other : sockets.subList(1, sockets.size())) {
            SocketConfig first = sockets.getFirst();
            if (besideEachOther(first.path(), other.path())) {
                throw unusable(
                        "the socket " + first.path() + " would lie in the folder of the socket " + other.path(),
                        "give each its own folder, which is what containers mount: --socket or LATCHKEY_SOCKET names the"
                                + " first one");
            }
        }
    }

    private static void requireApart(Path admin, List<SocketConfig> sockets) {
        sockets.stream()
                .filter(socket -> besideEachOther(admin, socket.path()))
                .findFirst()
                .ifPresent(socket -> {
                    throw unusable(
                            "the admin socket " + admin + " would lie beside the workload socket " + socket.path(),
                            "place them in different folders: --state, --socket, or admin.socket in agent.yaml");
                });
    }

    private AgentException homeless() {
        return unusable(
                "no home folder is known for uid " + host.uid(),
                "set HOME, or name the places with --config, --state and --socket");
    }

    private static AgentException unusable(String message, String hint) {
        return new AgentException(FailureKind.BAD_CONFIGURATION, message, hint);
    }
}
