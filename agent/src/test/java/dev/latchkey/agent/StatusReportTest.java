package dev.latchkey.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.latchkey.agent.config.ProviderConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StatusReportTest {
    @TempDir
    private Path folder;

    @Test
    void looksWhetherAProviderOfThisMachineHasItsFiles() throws IOException {
        Path file = Files.createFile(folder.resolve("file"));
        Path none = folder.resolve("none");

        assertEquals("ok", StatusReport.local(new ProviderConfig.Files("f", folder, false)));
        assertEquals("ok", StatusReport.local(new ProviderConfig.Dotenv("d", file)));
        assertEquals("ok", StatusReport.local(new ProviderConfig.Env("e", "")));
        assertEquals(
                "unavailable: there is no folder " + none,
                StatusReport.local(new ProviderConfig.Files("f", none, false)));
        assertEquals(
                "unavailable: there is no folder " + file,
                StatusReport.local(new ProviderConfig.Files("f", file, false)));
        for (ProviderConfig one : new ProviderConfig[] {
            new ProviderConfig.Dotenv("d", none),
            new ProviderConfig.BruinFile("b", none, Optional.empty()),
            new ProviderConfig.Documents("c", none)
        }) {
            assertEquals("unavailable: there is no file " + none, StatusReport.local(one));
        }
    }
}
