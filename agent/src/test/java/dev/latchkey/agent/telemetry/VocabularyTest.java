package dev.latchkey.agent.telemetry;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** No event and no key stands in the tables that nothing logs. */
class VocabularyTest {
    @Test
    void everyEventIsLogged() throws IOException {
        assertEquals(List.of(), unused(Event.values()));
    }

    @Test
    void everyKeyIsLogged() throws IOException {
        assertEquals(List.of(), unused(Key.values()));
    }

    private static List<String> unused(Enum<?>[] all) throws IOException {
        String sources = sources();
        return Arrays.stream(all)
                .map(one -> one.getDeclaringClass().getSimpleName() + "." + one.name())
                .filter(name -> !sources.matches("(?s).*\\b" + name.replace(".", "\\.") + "\\b.*"))
                .toList();
    }

    private static String sources() throws IOException {
        Path root = Path.of(Objects.requireNonNull(System.getProperty("latchkey.root")));
        try (Stream<Path> files = Files.walk(root.resolve("agent/src/main/java"))) {
            return files.filter(file -> file.toString().endsWith(".java"))
                    .map(VocabularyTest::text)
                    .collect(Collectors.joining("\n"));
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
