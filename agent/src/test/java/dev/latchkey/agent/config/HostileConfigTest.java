package dev.latchkey.agent.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.latchkey.agent.yaml.Problem;
import dev.latchkey.agent.yaml.YamlReader;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** THREATS, T6: whatever the file is, it is refused in under a second and within 64 MiB. */
class HostileConfigTest {
    private static final Duration TIME = Duration.ofSeconds(1);
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    @TempDir
    private Path folder;

    @ParameterizedTest(name = "{0}")
    @MethodSource("documents")
    void refusesWithinBounds(String name, String yaml, String expected) {
        List<Problem> problems = bounded(() -> Fixture.load(yaml)).problems();

        assertTrue(
                problems.stream().anyMatch(p -> p.message().contains(expected)),
                () -> name + ": " + problems.subList(0, Math.min(3, problems.size())));
    }

    static Stream<Arguments> documents() {
        int room = YamlReader.MAX_BYTES;
        return Stream.of(
                arguments("billion laughs", laughs(), "aliases are not allowed"),
                arguments("lists 1,000 deep", "a: " + "[".repeat(1000) + "]".repeat(1000), "nested more than 16 deep"),
                arguments("lists as deep as fit", "[".repeat(room), "nested more than 16 deep"),
                arguments("mappings as deep as fit", "{a: ".repeat(room / 4), "nested more than 16 deep"),
                arguments("block lists as deep as fit", "- ".repeat(room / 2), "nested more than 16 deep"),
                arguments("block mappings 700 deep", staircase(700), "nested more than 16 deep"),
                arguments("complex keys as deep as fit", "? ".repeat(room / 2), "a key must be a single plain value"),
                arguments("one byte too much", "#".repeat(room + 1), "over 256 KiB"),
                arguments(
                        "a scalar as long as fits", "project: " + "x".repeat(room - 9), "is not a name for a project"),
                arguments("a key as long as fits", "x".repeat(1000) + ": a", "unknown key"),
                arguments("digits as long as fit", "log: " + "9".repeat(room - 5), "log must be a mapping"),
                arguments("many keys", keys(room), "further problems are not shown"),
                arguments("the same key again and again", "a: 1\n".repeat(room / 5), "duplicate key"),
                arguments(
                        "many rules",
                        "workloads: [" + "{name: r, match: {uid: 1}},".repeat(9700) + "]",
                        "is never reached"),
                arguments("many rules that differ", rules(), "unknown key 'x'"),
                arguments("many names that were nearly meant", nearlyMeant(), "names no socket"),
                arguments("many empty items", "workloads: [" + "{},".repeat(80_000) + "]", "is missing"),
                arguments("many references", "project: '" + "${A}".repeat(65_000) + "'", "is not set"),
                arguments("many open references", "project: '" + "${".repeat(130_000) + "'", "without its '}'"),
                arguments("many anchors", "workloads: [" + "&a a,".repeat(50_000) + "]", "anchors are not allowed"),
                arguments("many documents", "---\n".repeat(65_000), "a second document"),
                arguments(
                        "a type of the JVM",
                        "project: !!javax.script.ScriptEngineManager [x]",
                        "tags are not allowed"));
    }

    @Test
    void readsNoMoreThanTheLimitOfAHugeFile() throws IOException {
        Path file = folder.resolve("agent.yaml");
        try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
            sparse.write("project: ".getBytes(StandardCharsets.UTF_8));
            sparse.setLength(100L << 20);
        }
        assertEquals(
                List.of("0:0: the file is over 256 KiB (a configuration is at most 256 KiB)"),
                Fixture.lines(bounded(() -> new ConfigLoader(Fixture.host(Map.of())).load(file))
                        .problems()));
    }

    @Test
    void readsNoMoreThanTheLimitOfADevice() {
        assertEquals(
                "the file is over 256 KiB",
                bounded(() -> new ConfigLoader(Fixture.host(Map.of())).load(Path.of("/dev/zero")))
                        .problems()
                        .getLast()
                        .message());
    }

    @Test
    void refusesWhatIsNotText() throws IOException {
        Path file = Files.write(folder.resolve("agent.yaml"), new byte[] {'a', ':', (byte) 0xFF});

        assertEquals(
                List.of("0:0: the file is not UTF-8 (save it as UTF-8)"),
                Fixture.lines(
                        new ConfigLoader(Fixture.host(Map.of())).load(file).problems()));
    }

    @Test
    void sixtyFourMebibytesAreEnoughForAllOfThem() throws IOException, InterruptedException {
        Process child = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx64m",
                        "-XX:+UseSerialGC",
                        "-XX:+ExitOnOutOfMemoryError",
                        "-cp",
                        System.getProperty("java.class.path"),
                        InLittleMemory.class.getName())
                .redirectErrorStream(true)
                .start();
        String output = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertEquals(0, child.waitFor(), output);
        assertEquals(documents().count() + " refused\n", output);
    }

    /** Loads every document in a process of its own. */
    static final class InLittleMemory {
        private InLittleMemory() {}

        public static void main(String[] args) {
            long refused = documents()
                    .filter(document -> Fixture.load(String.valueOf(document.get()[1])) instanceof ConfigResult.Refused)
                    .count();
            System.out.println(refused + " refused");
        }
    }

    /** Time of the processor, which does not depend on what else the machine does. */
    private static <T> T bounded(Supplier<T> work) {
        long began = THREADS.getCurrentThreadCpuTime();
        T result = work.get();
        Duration took = Duration.ofNanos(THREADS.getCurrentThreadCpuTime() - began);
        assertTrue(took.compareTo(TIME) < 0, () -> "took " + took);
        return result;
    }

    private static String laughs() {
        StringBuilder yaml = new StringBuilder("a0: &a0 [lol]\n");
        for (int i = 1; i < 10; i++) {
            yaml.append("a%d: &a%d [%s]\n".formatted(i, i, ("*a" + (i - 1) + ",").repeat(9)));
        }
        return yaml.toString();
    }

    private static String rules() {
        StringBuilder yaml = new StringBuilder("x: 1\nworkloads:\n");
        for (int i = 0; i < 7000; i++) {
            yaml.append("- {name: r%d, match: {uid: %d}}\n".formatted(i, i));
        }
        return yaml.toString();
    }

    private static String nearlyMeant() {
        String listener = "z".repeat(63);
        StringBuilder yaml = new StringBuilder("sockets:\n");
        for (int i = 0; i < 1800; i++) {
            yaml.append("- {name: %063d, path: /run/%d/s}\n".formatted(i, i));
        }
        yaml.append("workloads:\n");
        for (int i = 0; i < 90; i++) {
            yaml.append("- {name: r%d, match: {listener: %s}}\n".formatted(i, listener));
        }
        return yaml.toString();
    }

    private static String staircase(int steps) {
        StringBuilder yaml = new StringBuilder();
        for (int i = 0; i < steps; i++) {
            yaml.append(" ".repeat(i)).append("a:\n");
        }
        return yaml.toString();
    }

    private static String keys(int bytes) {
        StringBuilder yaml = new StringBuilder();
        for (int i = 0; yaml.length() < bytes - 12; i++) {
            yaml.append("k").append(i).append(":\n");
        }
        return yaml.toString();
    }
}
