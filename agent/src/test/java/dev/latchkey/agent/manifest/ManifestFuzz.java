package dev.latchkey.agent.manifest;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.latchkey.agent.reference.ReferenceParser;
import dev.latchkey.agent.reference.Template;
import dev.latchkey.agent.yaml.Problem;
import dev.latchkey.agent.yaml.Problems;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** What must hold of the reader of documents whatever it is given. {@code integration-tests/fuzz/run.sh documents} has a fuzzer call it. */
public final class ManifestFuzz {
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
    private static final Duration LONGEST = Duration.ofSeconds(1);
    private static final int LONGEST_MESSAGE = 1_024;
    private static final List<String> LABELS = List.of("app.yaml", "pipeline.yml");

    private ManifestFuzz() {}

    /** Called by the fuzzer. */
    public static void fuzzerTestOneInput(byte[] input) {
        for (String label : LABELS) {
            read(label, input);
        }
        takeApart(new String(input, StandardCharsets.UTF_8));
    }

    private static void read(String label, byte[] input) {
        Problems problems = new Problems();
        Optional<Manifest> manifest = ManifestReader.read(label, input, problems);
        assertTrue(readingTook(label, input).compareTo(LONGEST) < 0, "too long");
        assertTrue(manifest.isPresent() || problems.count() > 0);
        problems.all().forEach(ManifestFuzz::check);
        manifest.filter(_ -> problems.count() == 0).ifPresent(ManifestFuzz::check);
    }

    /** Of the processor, and not of the first reading, which loads classes. */
    private static Duration readingTook(String label, byte[] input) {
        long begin = THREADS.getCurrentThreadCpuTime();
        ManifestReader.read(label, input, new Problems());
        return Duration.ofNanos(THREADS.getCurrentThreadCpuTime() - begin);
    }

    private static void check(Problem problem) {
        String text = problem.text("x");
        assertTrue(text.length() <= LONGEST_MESSAGE, text);
        assertFalse(text.chars().anyMatch(c -> c < ' '), text);
    }

    /** What was read can be asked for. */
    private static void check(Manifest manifest) {
        assertFalse(manifest.isEmpty());
        for (Manifest.Entry entry : manifest.entries()) {
            ReferenceParser.parse(entry.reference());
            entry.target().ifPresent(target -> assertTrue(Template.isName(target), target));
        }
    }

    /** Nothing of a text is lost but the dollars of its escapes. */
    private static void takeApart(String text) {
        int characters = 0;
        for (Template.Piece piece : Template.parse(text).pieces()) {
            characters += piece instanceof Template.Piece.Literal(String literal) ? literal.length() : 0;
        }
        assertTrue(characters <= text.length(), "longer than it was");
    }
}
