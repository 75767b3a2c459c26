package dev.latchkey.integration;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
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
        try (TestAgent agent = started(OtherOptions.home(folder, "-XX:+UseSerialGC", "-XX:+Use" + collector + "GC"))) {
            serve(agent);
            LockSupport.parkNanos(IDLE.toNanos());
            agent.signal("STOP");
            assertNone(collector, "/proc/PID/mem", residue.inMemoryOf(agent.pid()));
            agent.signal("CONT");
            assertNone(collector, "gcore", inCore(agent, "gcore"));
            assertNone(collector, "gcore -a", inCore(agent, "gcore", "-a"));
        }
    }

    /** Of an ordinary process there is one, as a sign that it would be found. */
    @ParameterizedTest
    @CsvSource({
        "RELATIVE, 0", "RELATIVE, 1", "RELATIVE, 2",
        "ABSOLUTE, 0", "ABSOLUTE, 1", "ABSOLUTE, 2",
        "PIPE, 0", "PIPE, 1", "PIPE, 2"
    })
    void leavesNoCoreWhateverTheKernelIsTold(CorePattern.Kind kind, int suidDumpable) throws Exception {
        Path writable = Files.createDirectory(folder.resolve("cores"));
        try (TestAgent agent = started(Machine.HOME);
                CorePattern pattern = CorePattern.of(kind, writable, suidDumpable)) {
            Path working = Files.readSymbolicLink(Path.of("/proc/" + agent.pid() + "/cwd"));
            agent.signal("ABRT");
            assertEquals(128 + 6, agent.awaitEnd());
            assertEquals(List.of(), pattern.cores());
            assertFalse(Files.exists(working.resolve("core." + agent.pid())));
            Command.shell("ulimit -c unlimited; kill -ABRT $$")
                    .in(writable)
                    .run()
                    .exits(128 + 6);
            Files.delete(pattern.core());
        }
    }

    /** Root can make it dumpable again and lift the limit on cores, which does not count for a pipe. */
    @ParameterizedTest
    @EnumSource(
            value = CorePattern.Kind.class,
            names = {"ABSOLUTE", "PIPE"})
    void keepsNoCopyInACoreThatRootForced(CorePattern.Kind kind) throws Exception {
        Path writable = Files.createDirectory(folder.resolve("cores"));
        try (TestAgent agent = started(Machine.HOME)) {
            serve(agent);
            LockSupport.parkNanos(IDLE.toNanos());
            makeDumpable(agent.pid());
            if (kind != CorePattern.Kind.PIPE) {
                liftLimit(agent.pid());
            }
            try (CorePattern pattern = CorePattern.of(kind, writable, 0)) {
                agent.signal("ABRT");
                assertEquals(128 + 6, agent.awaitEnd());
                assertNone("Serial", "a core that root forced, " + kind, residue.inFile(pattern.core()));
            }
        }
    }

    private static void liftLimit(long pid) {
        Finished lifted = Command.of("prlimit", "--pid", Long.toString(pid), "--core=unlimited:unlimited")
                .run();
        assumeTrue(lifted.status() == 0, "needs the right to lift a limit (CAP_SYS_RESOURCE)");
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

    private static void assertNone(String collector, String where, Residue.Found found) {
        System.err.println("residue: " + collector + ", " + where + ": " + found);
        assertTrue(found.searched() > 10 << 20, "hardly anything was searched");
        assertEquals(0, found.total(), () -> collector + ", " + where + ": " + found);
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
            launches.append("\"$1\" ").append(kind.binding(agent, name)).append(" -- true || exit 1\n");
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

    /** How a value is stored and asked for: with options of its reference, or by a manifest, where NAME stands for the secret. */
    private enum Kind {
        PLAIN("%s", ""),
        FIELD("{\"user\": \"u\", \"password\": \"%s\"}", "#password"),
        ESCAPED_FIELD("{\"password\": \"\\u0041%s\\n\"}", "#password"),
        BASE64("%s", ",encode=base64"),
        HEX("%s", ",encode=hex"),
        JSON("%s", ",encode=json"),
        URL("%s", ",encode=url"),
        DECODED("base64", ",decode=base64"),
        DECODED_FIELD("{\"a\": [\"%s\"]}", "#a.0,decode=hex,encode=base64url"),
        CHECKED("%s", "secrets: [{key: NAME, inject_as: V, check: {pattern: '[a-z]+', min-length: 5}}]"),
        COMPOSED("{\"password\": \"%s\"}", "env: {V: 'pg://u:${secret:NAME#password,encode=url}@host'}"),
        SPREAD("{\"user\": \"u\", \"password\": \"%s\"}", "secrets: [{from: NAME}]"),
        WHOLE("{\"password\": \"%s\"}", "secrets: [{key: NAME, inject_as: V, check: {json: true}}]");

        private final String form;
        private final String asked;

        Kind(String form, String asked) {
            this.form = form;
            this.asked = asked;
        }

        String stored(String value) {
            return switch (this) {
                case DECODED -> Residue.base64(value);
                case DECODED_FIELD -> form.formatted(Residue.hex(value));
                default -> form.formatted(value);
            };
        }

        /** The launcher's words. */
        String binding(TestAgent agent, String name) {
            return switch (this) {
                case CHECKED, COMPOSED, SPREAD, WHOLE ->
                    "--bindings " + agent.write(name + ".yaml", asked.replace("NAME", name));
                default -> "--secret 'V=" + name + asked + "'";
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
}
