package dev.latchkey.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One agent in a folder of its own, with the launcher and the admin commands that talk to it. Closing it stops it,
 * searches everything for planted values and removes the folder.
 */
final class TestAgent implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Path folder;
    private final Canaries canaries = new Canaries();
    private final Map<String, String> variables = new HashMap<>();
    private final List<String> options = new ArrayList<>();
    private final List<String> surroundings = new ArrayList<>();
    private final List<Path> leaky = new ArrayList<>();
    private String program = Machine.AGENT;
    private @Nullable Process process;

    private TestAgent() {
        try {
            // Short, because a socket's path holds 107 bytes.
            folder = Files.createTempDirectory(Path.of("/tmp"), "lk");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        variables.put("XDG_CONFIG_HOME", folder.resolve("config").toString());
        variables.put("XDG_STATE_HOME", folder.toString());
        variables.put("XDG_RUNTIME_DIR", folder.resolve("user").toString());
        variables.put("LATCHKEY_STATE", state().toString());
        variables.put("LATCHKEY_SOCKET", socket().toString());
    }

    /** A folder for an agent that is not started yet. */
    static TestAgent prepared() {
        return new TestAgent();
    }

    /** An agent without any configuration. */
    static TestAgent started() {
        return prepared().start();
    }

    /** An agent with this agent.yaml. */
    static TestAgent started(String yaml) {
        return prepared().configured(yaml).start();
    }

    TestAgent configured(String yaml) {
        write("agent.yaml", yaml);
        variables.put("LATCHKEY_CONFIG", configuration().toString());
        return this;
    }

    TestAgent env(String name, String value) {
        variables.put(name, value);
        return this;
    }

    TestAgent option(String... words) {
        options.addAll(List.of(words));
        return this;
    }

    /** Starts it by another program, which prepares what it runs in: {@code prlimit}, {@code unshare}. */
    TestAgent startedBy(String... words) {
        surroundings.addAll(List.of(words));
        return this;
    }

    /** Runs the agent of another copy of the distribution. */
    TestAgent installedIn(Path home) {
        program = home.resolve("bin/agent").toString();
        return this;
    }

    /** Lets other users reach the socket's path; what they may do there is the agent's to decide. */
    TestAgent openedToOthers() {
        try {
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    TestAgent start() {
        begin();
        awaitReady();
        return this;
    }

    /** Starts it and waits for nothing. */
    Process begin() {
        try {
            ProcessBuilder builder = runCommand().builder();
            builder.redirectErrorStream(true);
            builder.redirectOutput(ProcessBuilder.Redirect.appendTo(logFile().toFile()));
            process = builder.start();
            return process;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** {@code agent run} in the foreground, for tests of how it refuses to start. */
    Command runCommand(String... more) {
        // A build in the background ignores interrupts, which its agents would inherit.
        List<String> words = new ArrayList<>(List.of("env", "--default-signal=INT"));
        words.addAll(surroundings);
        words.addAll(List.of(program, "run", "--log-level", "debug"));
        words.addAll(options);
        words.addAll(List.of(more));
        return Command.of(words).env(variables).witnessedBy(finished -> {
            canaries.printed("stdout of agent run", finished.out());
            canaries.printed("stderr of agent run", finished.err());
        });
    }

    void awaitReady() {
        Finished check = launcher("--wait", "30s", "--check").run();
        assertEquals(0, check.status(), () -> check + "\nlog: " + log());
    }

    // ---- programs ----

    Command launcher(String... words) {
        List<String> all = new ArrayList<>(List.of(Machine.LAUNCHER));
        all.addAll(List.of(words));
        return Command.of(all)
                .env("LATCHKEY_SOCKET", socket().toString())
                .witnessedBy(finished -> canaries.printed("stderr of " + all, finished.err()));
    }

    Finished launch(String... words) {
        return launcher(words).run();
    }

    /** Launches in a user's shell line, where {@code "$@"} is the launcher with its arguments. */
    Command launcherInShell(String script, String... words) {
        List<String> all = new ArrayList<>(List.of(Machine.LAUNCHER));
        all.addAll(List.of(words));
        return Command.shell(script, all.toArray(String[]::new))
                .env("LATCHKEY_SOCKET", socket().toString())
                .witnessedBy(finished -> canaries.printed("stderr of " + all, finished.err()));
    }

    /** A launcher that another uid may read and execute, wherever this repository lies. */
    String launcherForOthers() {
        try {
            Path copy = folder.resolve("launcher");
            Files.copy(Path.of(Machine.LAUNCHER), copy, StandardCopyOption.REPLACE_EXISTING);
            Files.setPosixFilePermissions(copy, PosixFilePermissions.fromString("rwxr-xr-x"));
            return copy.toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The launcher as another user (root only). */
    Finished launchAs(int uid, int gid, String groups, String... words) {
        List<String> all = new ArrayList<>(List.of(launcherForOthers()));
        all.addAll(List.of(words));
        return Command.of(Machine.as(uid, gid, groups, all.toArray(String[]::new)))
                .env("LATCHKEY_SOCKET", socket().toString())
                .witnessedBy(finished -> canaries.printed("stderr of " + all, finished.err()))
                .run();
    }

    Command admin(String... words) {
        return adminPrinting(words).witnessedBy(finished -> {
            canaries.printed("stdout of agent " + List.of(words), finished.out());
            canaries.printed("stderr of agent " + List.of(words), finished.err());
        });
    }

    /** An admin command that Ctrl-C ends also where the build runs in the background, which ignores it. */
    Command interruptible(String... words) {
        List<String> all = new ArrayList<>(List.of("env", "--default-signal=INT", program));
        all.addAll(List.of(words));
        return Command.of(all).env(variables);
    }

    /** An admin command whose stdout may hold a value: {@code reveal}. */
    Command adminPrinting(String... words) {
        List<String> all = new ArrayList<>(List.of(program));
        all.addAll(List.of(words));
        return Command.of(all)
                .env(variables)
                .witnessedBy(finished -> canaries.printed("stderr of " + all, finished.err()));
    }

    /** An admin command that must succeed. */
    Finished does(String... words) {
        return admin(words).run().succeeds();
    }

    // ---- secrets ----

    Canary plant(Canary canary) {
        return canaries.plant(canary);
    }

    /** Stores random bytes under the name and gives them back. */
    Canary put(String name, String... options) {
        return put(name, Canary.random(), options);
    }

    Canary put(String name, Canary canary, String... options) {
        plant(canary);
        store(name, canary.bytes(), options);
        return canary;
    }

    /** Stores a value that is too short or too plain to be searched for. */
    void store(String name, byte[] value, String... options) {
        List<String> words = new ArrayList<>(List.of("secret", "put", name, "--exact", "--allow-empty"));
        words.addAll(List.of(options));
        admin(words.toArray(String[]::new)).input(value).run().succeeds();
    }

    void store(String name, String value, String... options) {
        store(name, value.getBytes(StandardCharsets.UTF_8), options);
    }

    /** What a command sees in the variable, byte for byte; null if it is not there. */
    byte @Nullable [] delivered(String name, String... launcherOptions) {
        List<String> words = new ArrayList<>(List.of(launcherOptions));
        words.addAll(List.of("--", "cat", "/proc/self/environ"));
        Finished finished = launch(words.toArray(String[]::new)).succeeds();
        return Environment.parse(finished.out()).value(name);
    }

    void assertDelivers(String name, Canary expected, String... launcherOptions) {
        assertDelivers(name, expected.bytes(), launcherOptions);
    }

    void assertDelivers(String name, byte[] expected, String... launcherOptions) {
        byte[] value = delivered(name, launcherOptions);
        // Compared without showing: a failing test prints no value either.
        assertTrue(
                value != null && java.util.Arrays.equals(expected, value),
                () -> name + " was not delivered byte for byte");
    }

    // ---- process ----

    long pid() {
        return itself().pid();
    }

    /** The agent, which is the only child of a program that started it in a namespace. */
    private ProcessHandle itself() {
        ProcessHandle started = running().toHandle();
        return started.children().findFirst().orElse(started);
    }

    private Process running() {
        if (process == null) {
            throw new IllegalStateException("the agent was not started");
        }
        return process;
    }

    /** Sends SIGTERM and returns the exit status. */
    int stop() {
        itself().destroy();
        return awaitEnd();
    }

    void killHard() {
        itself().destroyForcibly();
        awaitEnd();
    }

    void signal(String name) {
        Command.shell("kill -" + name + " " + pid()).run().succeeds();
    }

    int awaitEnd() {
        try {
            if (!running().waitFor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new AssertionError("the agent did not end within " + PATIENCE + ": " + log());
            }
            return running().exitValue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    boolean isAlive() {
        return process != null && process.isAlive();
    }

    // ---- places ----

    Path folder() {
        return folder;
    }

    Path state() {
        return folder.resolve("s");
    }

    Path socket() {
        return folder.resolve("agent.sock");
    }

    Path configuration() {
        return folder.resolve("agent.yaml");
    }

    Path logFile() {
        return folder.resolve("agent.log");
    }

    Path audit() {
        return state().resolve("audit.log");
    }

    String log() {
        try {
            return Files.exists(logFile()) ? Files.readString(logFile()) : "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Path write(String name, String text) {
        return write(name, text.getBytes(StandardCharsets.UTF_8));
    }

    Path write(String name, byte[] bytes) {
        try {
            return Files.write(folder.resolve(name), bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A file of the test's own that holds a value, and so is not searched. */
    Path writeValue(String name, Canary canary) {
        Path file = write(name, plant(canary).bytes());
        leaky.add(file);
        return file;
    }

    @Override
    public void close() {
        try {
            if (isAlive()) {
                signal("CONT");
                stop();
            }
            for (Path file : leaky) {
                Files.deleteIfExists(file);
            }
            canaries.assertAbsent(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            remove(folder);
        }
    }

    static void remove(Path folder) {
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
