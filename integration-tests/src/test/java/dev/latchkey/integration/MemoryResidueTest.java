package dev.latchkey.integration;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What is left of values in an idle agent, as root sees it: after grants of every kind, puts and reveals, each of a value of its own, no full
 * copy of any is in its memory, in a {@code gcore}, or in a core, whatever collects the garbage.
 */
final class MemoryResidueTest {
    private static final int VALUES = Machine.full() ? 10_000 : 240;
    private static final Duration IDLE = Duration.ofSeconds(Machine.full() ? 30 : 2);

    @TempDir
    Path folder;

    private final Residue residue = new Residue();

    @BeforeEach
    void rootOnly() {
        Machine.needsRoot();
        Machine.needs("gcore");
        Machine.needs("prlimit");
    }

    @Test
    void findsWhatIsThere() throws Exception {
        String holder = """
                import base64, sys
                held = sys.stdin.buffer.read(); coded = base64.b64encode(held); print('up', flush=True); sys.stdout.close()
                import signal; signal.pause()
                """;
        Canary canary = residue.plant();
        Process process = Command.of(Machine.python(), "-c", holder).start();
        try (var stdin = process.getOutputStream()) {
            stdin.write(canary.bytes());
        }
        assertEquals("up", process.inputReader().readLine());
        Residue.Found found = residue.inMemoryOf(process.pid());
        process.destroyForcibly();
        assertTrue(found.total() >= 2, found::toString);
        assertTrue(found.copies().keySet().stream().anyMatch(place -> place.startsWith("base64")), found::toString);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Serial", "Parallel", "G1", "Z"})
    void keepsNoCopyOfAValueUnderTheCollector(String collector) throws Exception {
        try (TestAgent agent = started(withCollector(collector))) {
            int allowed = collector.equals("Serial") ? 0 : 2;
            serve(agent);
            LockSupport.parkNanos(IDLE.toNanos());
            agent.signal("STOP");
            assertAtMost(allowed, collector, "/proc/PID/mem", residue.inMemoryOf(agent.pid()));
            agent.signal("CONT");
            assertAtMost(allowed, collector, "gcore", inCore(agent, "gcore"));
            assertAtMost(allowed, collector, "gcore -a", inCore(agent, "gcore", "-a"));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void leavesNoCoreWhateverThePattern(boolean pipe) throws Exception {
        try (TestAgent agent = started(Machine.HOME);
                CorePattern pattern = pipe ? CorePattern.toPipe(folder) : CorePattern.toFiles(folder)) {
            agent.signal("ABRT");
            assertEquals(128 + 6, agent.awaitEnd());
            assertEquals(List.of(), pattern.cores());
        }
    }

    /** Root can make it dumpable again; a pipe then gets a core whatever the limit on cores. */
    @Test
    void keepsNoCopyInACoreThatRootForced() throws Exception {
        try (TestAgent agent = started(Machine.HOME);
                CorePattern pattern = CorePattern.toPipe(folder)) {
            serve(agent);
            LockSupport.parkNanos(IDLE.toNanos());
            makeDumpable(agent.pid());
            agent.signal("ABRT");
            assertEquals(128 + 6, agent.awaitEnd());
            Path core = pattern.core();
            assertAtMost(0, "Serial", "a core through a pipe", residue.inFile(core));
            Files.delete(core);
        }
    }

    private static void makeDumpable(long pid) throws IOException {
        Command.of("gdb", "-p", Long.toString(pid), "-batch", "-ex", "call (int) prctl(4, 1, 0, 0, 0)")
                .run()
                .succeeds();
        Files.writeString(Path.of("/proc/" + pid + "/coredump_filter"), "0x7f");
    }

    private static TestAgent started(Path home) {
        return TestAgent.prepared()
                .installedIn(home)
                .configured("""
                admin: {reveal: admin}
                workloads:
                  - {name: tests, match: {uid: %d}, allow: ["store:**"]}
                """.formatted(Machine.uid()))
                .start();
    }

    /**
     * A collection that runs in the microseconds in which a field is picked, decoded or encoded moves an array, and what it leaves stays until its
     * place is used again: seen in three of 17 runs of this size under G1. Of the collector that the agent comes with none is allowed.
     */
    private static void assertAtMost(int allowed, String collector, String where, Residue.Found found) {
        System.err.println("residue: " + collector + ", " + where + ": " + found);
        assertTrue(found.searched() > 10 << 20, "hardly anything was searched");
        assertTrue(found.total() <= allowed, () -> collector + ", " + where + ": " + found);
    }

    /** Stores all, launches with all, and reveals some. */
    private void serve(TestAgent agent) {
        AdminSocket admin = new AdminSocket(agent);
        StringBuilder launches = new StringBuilder();
        for (int i = 0; i < VALUES; i++) {
            Kind kind = Kind.values()[i % Kind.values().length];
            byte[] stored = kind.stored(residue.plant().utf8()).getBytes(StandardCharsets.UTF_8);
            String name = "v" + i;
            admin.put(name, stored);
            launches.append("\"$1\" --secret 'V=")
                    .append(name)
                    .append(kind.options)
                    .append("' -- true || exit 1\n");
            if (i % 4 == 0) {
                assertArrayEquals(stored, admin.reveal(name));
            }
        }
        agent.write("launches", launches.toString());
        launchAll(agent);
    }

    private static void launchAll(TestAgent agent) {
        Command.of("sh", agent.folder().resolve("launches").toString(), Machine.LAUNCHER)
                .env("LATCHKEY_SOCKET", agent.socket().toString())
                .within(Duration.ofMinutes(10))
                .run()
                .succeeds();
    }

    /** How a value is stored and asked for. */
    private enum Kind {
        PLAIN("%s", ""),
        FIELD("{\"user\": \"u\", \"password\": \"%s\"}", "#password"),
        BASE64("%s", ",encode=base64"),
        HEX("%s", ",encode=hex"),
        JSON("%s", ",encode=json"),
        URL("%s", ",encode=url"),
        DECODED("base64", ",decode=base64"),
        DECODED_FIELD("{\"a\": [\"%s\"]}", "#a.0,decode=hex,encode=base64url");

        private final String form;
        private final String options;

        Kind(String form, String options) {
            this.form = form;
            this.options = options;
        }

        String stored(String value) {
            return switch (this) {
                case DECODED -> Residue.base64(value);
                case DECODED_FIELD -> form.formatted(Residue.hex(value));
                case PLAIN, FIELD, BASE64, HEX, JSON, URL -> form.formatted(value);
            };
        }
    }

    private Residue.Found inCore(TestAgent agent, String... gcore) throws IOException {
        Path file = folder.resolve("core");
        List<String> words = new ArrayList<>(List.of(gcore));
        words.addAll(List.of("-o", file.toString(), Long.toString(agent.pid())));
        Command.of(words).within(Duration.ofMinutes(5)).run().succeeds();
        Path core = Path.of(file + "." + agent.pid());
        Residue.Found found = residue.inFile(core);
        Files.delete(core);
        return found;
    }

    /** The distribution with another collector: everything but one line of its script is the same. */
    private Path withCollector(String collector) throws IOException {
        Path home = Files.createDirectory(folder.resolve("home"));
        for (String part : List.of("lib", "runtime")) {
            Files.createSymbolicLink(home.resolve(part), Machine.HOME.resolve(part));
        }
        String script = Files.readString(Path.of(Machine.AGENT));
        String changed = script.replace("-XX:+UseSerialGC", "-XX:+Use" + collector + "GC");
        assertTrue(changed.contains("-XX:+Use" + collector + "GC"));
        Path agent = Files.createDirectory(home.resolve("bin")).resolve("agent");
        Files.writeString(agent, changed);
        Files.setPosixFilePermissions(agent, PosixFilePermissions.fromString("rwxr-xr-x"));
        return home;
    }
}
