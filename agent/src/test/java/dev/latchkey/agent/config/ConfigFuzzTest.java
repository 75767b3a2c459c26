package dev.latchkey.agent.config;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What fuzzing has found worth keeping. */
class ConfigFuzzTest {
    private static final Path CORPUS =
            Path.of(System.getProperty("latchkey.root"), "integration-tests", "fuzz", "corpus", "config.txt");

    @Test
    void everyInputOfTheCorpusKeepsEveryProperty() throws IOException {
        List<String> lines = Files.readAllLines(CORPUS);
        lines.forEach(line -> ConfigFuzz.fuzzerTestOneInput(HexFormat.of().parseHex(line)));
        assertTrue(lines.size() > 50, lines.size() + " lines");
    }
}
