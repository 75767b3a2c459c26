package dev.latchkey.agent.injection;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class DangerousNamesTest {
    private static final Path LIST =
            Path.of(System.getProperty("latchkey.root"), "protocol", "vectors", "dangerous-names.txt");

    @Test
    void listIsThatOfTheProtocol() throws IOException {
        List<String> listed = Files.readAllLines(LIST).stream()
                .filter(line -> !line.startsWith("#"))
                .toList();
        assertEquals(listed.size(), DangerousNames.count());
        for (String name : listed) {
            assertTrue(DangerousNames.contains(name.replace("*", "ANYTHING")), name);
            assertTrue(DangerousNames.contains(name.replace("*", "")), name);
        }
    }

    @Test
    void otherNamesAreFine() {
        for (String name : List.of("path", "MY_PATH", "LD", "OLD_PATH", "GIT_CONF", "GIT_AUTHOR_NAME", "PATH_X")) {
            assertFalse(DangerousNames.contains(name), name);
        }
    }
}
