package dev.latchkey.agent.manifest;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is worth keeping of documents. */
class ManifestFuzzTest {
    private static final Path CORPUS =
            Path.of(System.getProperty("latchkey.root"), "integration-tests", "fuzz", "corpus", "documents.txt");

    @Test
    void everyInputOfTheCorpusKeepsEveryProperty() throws IOException {
        List<String> lines = Files.readAllLines(CORPUS);
        lines.forEach(line -> ManifestFuzz.fuzzerTestOneInput(HexFormat.of().parseHex(line)));
        assertTrue(lines.size() >= 20, lines.size() + " lines");
    }
}
