package dev.latchkey.agent.provider.vault;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** A PostgreSQL of this machine's packages on loopback, whose data goes with it. It never runs as root, and then needs the user that the package made. */
final class RealPostgres implements AutoCloseable {
    private static final Path PACKAGES = Path.of("/usr/lib/postgresql");
    private static final String OWNER = "owner";

    private final Path programs;
    private final Path folder;
    private final int port;
    private final Process server;

    private RealPostgres(Path programs, Path folder, int port, Process server) {
        this.programs = programs;
        this.folder = folder;
        this.port = port;
        this.server = server;
    }

    /** Absent where there is none. */
    static Optional<RealPostgres> find() {
        return programs().map(RealPostgres::started);
    }

    private static Optional<Path> programs() {
        if (!Files.isDirectory(PACKAGES)
                || (isRoot() && Exchanges.program("setpriv").isEmpty())) {
            return Optional.empty();
        }
        try (Stream<Path> versions = Files.list(PACKAGES)) {
            return versions.map(version -> version.resolve("bin"))
                    .filter(bin -> Files.isExecutable(bin.resolve("initdb")) && Files.isExecutable(bin.resolve("psql")))
                    .max(Comparator.naturalOrder());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isRoot() {
        return System.getProperty("user.name").equals("root");
    }

    private static RealPostgres started(Path programs) {
        try {
            Path folder = Files.createTempDirectory(Path.of("/tmp"), "lkpg");
            if (isRoot()) {
                Files.setOwner(
                        folder,
                        folder.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("postgres"));
            }
            Path data = folder.resolve("data");
            int status = run(unprivileged(
                    programs.resolve("initdb"), "-D", data.toString(), "-U", OWNER, "-A", "trust", "--no-sync"));
            if (status != 0) {
                throw new AssertionError("initdb ended with " + status);
            }
            int port = freePort();
            Process server = begun(unprivileged(
                    programs.resolve("postgres"),
                    "-D",
                    data.toString(),
                    "-p",
                    String.valueOf(port),
                    "-c",
                    "listen_addresses=127.0.0.1",
                    "-c",
                    "unix_socket_directories=",
                    "-c",
                    "fsync=off"));
            RealPostgres postgres = new RealPostgres(programs, folder, port, server);
            Until.within(
                    Duration.ofSeconds(30),
                    "PostgreSQL answers",
                    () -> postgres.answer("select 1").equals("1"));
            return postgres;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        }
    }

    private static List<String> unprivileged(Path program, String... arguments) {
        List<String> command = new ArrayList<>();
        if (isRoot()) {
            command.addAll(List.of("setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"));
        }
        command.add(program.toString());
        command.addAll(Arrays.asList(arguments));
        return command;
    }

    private static Process begun(List<String> command) throws IOException {
        return new ProcessBuilder(command)
                .directory(Path.of("/").toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    private static int run(List<String> command) throws IOException {
        try {
            return begun(command).waitFor();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** As OpenBao is told to reach it. */
    String url() {
        return url("{{username}}", "{{password}}");
    }

    String url(String user, String password) {
        return "postgresql://" + user + ":" + password + "@127.0.0.1:" + port + "/postgres?sslmode=disable";
    }

    String owner() {
        return OWNER;
    }

    boolean hasUser(String name) {
        return answer("select count(*) from pg_roles where rolname = '" + name + "'")
                .equals("1");
    }

    private String answer(String sql) {
        List<String> command = List.of(
                programs.resolve("psql").toString(),
                "-h",
                "127.0.0.1",
                "-p",
                String.valueOf(port),
                "-U",
                OWNER,
                "-tAc",
                sql,
                "postgres");
        try {
            Process psql = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            String answer = new String(psql.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            psql.waitFor();
            return answer;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        Exchanges.await(server);
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
