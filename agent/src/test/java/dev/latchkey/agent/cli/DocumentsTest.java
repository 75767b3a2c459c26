package dev.latchkey.agent.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DocumentsTest {
    private static final List<String> FILES =
            List.of("man/agent.1", "completions/agent.bash", "completions/_agent", "completions/agent.fish");

    @TempDir
    Path folder = Path.of("");

    @Test
    void writesTheSameEveryTime() throws IOException {
        Documents.main(new String[] {folder.resolve("a").toString()});
        Documents.main(new String[] {folder.resolve("b").toString()});
        for (String file : FILES) {
            assertEquals(
                    Files.readString(folder.resolve("a").resolve(file)),
                    Files.readString(folder.resolve("b").resolve(file)),
                    file);
        }
    }

    @Test
    void namesEveryCommandAndNoneThatIsToCome() throws IOException {
        Documents.write(folder);
        String man = Files.readString(folder.resolve("man/agent.1"));
        String fish = Files.readString(folder.resolve("completions/agent.fish"));
        for (String command :
                List.of("run", "secret put", "secret reveal", "audit query", "key export", "backup", "store verify")) {
            assertTrue(man.contains(".SS agent " + command), command);
        }
        assertTrue(man.contains("\\fB\\-\\-from\\-file\\fP \\fIF\\fP"), man);
        assertTrue(fish.contains("-l from-file -rF"), fish);
        assertTrue(man.contains(".SS agent consumers") && fish.contains("-a consumers"));
        assertFalse(man.contains(".SS agent ui") || fish.contains("-a ui"));
    }
}
