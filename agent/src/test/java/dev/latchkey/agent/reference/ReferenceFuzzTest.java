package dev.latchkey.agent.reference;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What fuzzing has found worth keeping; the launcher's tests run the same file. */
class ReferenceFuzzTest {
    private static final Path CORPUS =
            Path.of(System.getProperty("latchkey.root"), "integration-tests", "fuzz", "corpus", "references.txt");

    @Test
    void everyInputOfTheCorpusKeepsEveryPropertyAndItsOutcome() throws IOException {
        List<String> lines = Files.readAllLines(CORPUS);
        for (String line : lines) {
            int tab = line.indexOf('\t');
            byte[] input = HexFormat.of().parseHex(line.substring(0, tab));
            ReferenceFuzz.fuzzerTestOneInput(input);
            String text = ReferenceFuzz.text(input).orElseThrow();
            assertEquals(line.substring(tab + 1), ReferenceFuzz.outcome(text), line);
        }
        assertTrue(lines.size() > 50, lines.size() + " lines");
    }
}
