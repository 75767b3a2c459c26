package dev.latchkey.agent.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.latchkey.agent.yaml.Problem;
import dev.latchkey.agent.yaml.Problems;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** What must hold of the loader whatever it is given. {@code integration-tests/fuzz/run.sh config} has a fuzzer call it. */
public final class ConfigFuzz {
    /** Of which the variables are made. All that loading says must be the same for both. */
    private static final List<String> CONFIDENTIAL = List.of("kz7canary3w", "pq2canary9m");

    /** Bytes that loading may allocate for each byte of the input, and for any input at all: the parser's buffer is most of it. */
    private static final int ALLOCATED_PER_BYTE = 16 * 1024;

    private static final int ALLOCATED_AT_ALL = 16 * 1024 * 1024;
    private static final Duration LONGEST = Duration.ofSeconds(1);

    /** A message names at most one piece of the file's text, which is cut to 80 characters, and where it stands. */
    private static final int LONGEST_MESSAGE = 1_024;

    private static final com.sun.management.ThreadMXBean THREADS =
            (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();

    private ConfigFuzz() {}

    /** Called by the fuzzer. SECURITY: what is said must not depend on what a reference became. */
    public static void fuzzerTestOneInput(byte[] input) {
        List<Problem> problems = problemsWithinBounds(input);
        assertEquals(problems, load(input, CONFIDENTIAL.getLast()).problems());
        int lines = new String(input, StandardCharsets.UTF_8).split("\\R", -1).length;
        problems.forEach(problem -> check(problem, lines, input.length));
        assertTrue(problems.size() <= Problems.MAX + 1, problems.size() + " problems");
        assertEquals(
                problems.isEmpty(), ConfigReport.text("agent.yaml", problems).isEmpty());
        assertFalse(ConfigReport.json("agent.yaml", problems).isEmpty());
    }

    private static ConfigResult load(byte[] input, String confidential) {
        Map<String, String> environment = Map.of(
                "A",
                confidential,
                "B",
                "/srv/" + confidential,
                "C",
                "~!" + confidential,
                "D",
                "store:" + confidential,
                "E",
                "");
        return new ConfigLoader(Fixture.host(environment)).parse(input, Fixture.FILE);
    }

    /** Again if it was too much, for what is done but once, such as loading a class, does not count. */
    private static List<Problem> problemsWithinBounds(byte[] input) {
        Measured first = measured(input);
        if (!first.within(input.length)) {
            Measured second = measured(input);
            assertTrue(second.within(input.length), second.took + " and " + second.allocated + " bytes");
        }
        return first.problems;
    }

    private static Measured measured(byte[] input) {
        long allocated = THREADS.getCurrentThreadAllocatedBytes();
        long time = THREADS.getCurrentThreadCpuTime();
        List<Problem> problems = load(input, CONFIDENTIAL.getFirst()).problems();
        return new Measured(
                problems,
                Duration.ofNanos(THREADS.getCurrentThreadCpuTime() - time),
                THREADS.getCurrentThreadAllocatedBytes() - allocated);
    }

    private record Measured(List<Problem> problems, Duration took, long allocated) {
        boolean within(int length) {
            return took.compareTo(LONGEST) < 0 && allocated < ALLOCATED_AT_ALL + ALLOCATED_PER_BYTE * (long) length;
        }
    }

    private static void check(Problem problem, int lines, int length) {
        assertTrue(problem.line() >= 0 && problem.line() <= lines + 1, problem.toString());
        assertTrue(problem.column() >= 0 && problem.column() <= length + 1, problem.toString());
        assertEquals(problem.line() == 0, problem.column() == 0, problem.toString());
        checkText(problem.message());
        problem.hint().ifPresent(ConfigFuzz::checkText);
    }

    private static void checkText(String text) {
        assertFalse(text.isBlank());
        assertTrue(text.length() <= LONGEST_MESSAGE, text);
        assertTrue(text.codePoints().noneMatch(Character::isISOControl), text);
    }
}
