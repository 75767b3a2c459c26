package dev.latchkey.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The benchmark runs and has a figure for every row. The figures themselves mean nothing in a run this short. */
final class BenchmarkTest {
    private static final String RUN =
            Machine.ROOT.resolve("integration-tests/bench/run.sh").toString();

    @Test
    void measuresEveryRowAndLeavesOnlyItsReport(@TempDir Path report) throws IOException {
        Set<Path> before = workFolders();
        Finished finished = benchmark("--smoke", "--format", "json", "--report", report.toString())
                .within(Duration.ofMinutes(5))
                .run()
                .succeeds();
        for (JsonNode row : Json.parse(finished.output()).get("targets")) {
            String what = row.get("what").asString();
            assertEquals(expected(what), !row.get("value").isNull(), what);
        }
        String document = Files.readString(report.resolve("performance.md"));
        assertTrue(document.startsWith("# Performance\n"), document);
        for (String plot : Set.of("performance-launch.svg", "performance-latency.svg")) {
            assertTrue(document.contains("(" + plot + ")"), plot);
            assertTrue(Files.readString(report.resolve(plot)).endsWith("</svg>\n"), plot);
        }
        assertEquals(before, workFolders());
    }

    private static boolean expected(String row) {
        return Machine.uid() == 0 || !row.contains("hostile");
    }

    @Test
    void leavesNothingWhenItIsInterrupted() throws IOException, InterruptedException {
        Set<Path> before = workFolders();
        Process running = benchmark("--smoke").start();
        try (BufferedReader progress = running.errorReader(StandardCharsets.UTF_8)) {
            assertTrue(progress.lines().anyMatch("bench: launches"::equals));
            Set<Path> during = new HashSet<>(workFolders());
            during.removeAll(before);
            assertEquals(1, during.size());
            running.destroy();
            assertTrue(running.waitFor(60, TimeUnit.SECONDS));
            assertEquals(143, running.exitValue());
        }
        assertEquals(before, workFolders());
    }

    @Test
    void refusesAnOptionItDoesNotKnow() {
        benchmark("--no-such-option").run().exits(2).prints("").says("--no-such-option");
    }

    /** It compiles, so it needs what a build finds in its environment. */
    private static Command benchmark(String... options) {
        String[] words = Stream.concat(Stream.of(RUN), Stream.of(options)).toArray(String[]::new);
        return Command.of(words).env(System.getenv()).env("JAVA_HOME", System.getProperty("java.home"));
    }

    private static Set<Path> workFolders() throws IOException {
        try (Stream<Path> temporary = Files.list(Path.of("/tmp"))) {
            return temporary
                    .filter(path -> path.getFileName().toString().startsWith("latchkey-bench."))
                    .collect(Collectors.toSet());
        }
    }
}
