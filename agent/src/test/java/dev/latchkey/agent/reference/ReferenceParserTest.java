package dev.latchkey.agent.reference;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.FailureKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ReferenceParserTest {
    private static final Path VECTORS =
            Path.of(System.getProperty("latchkey.root"), "protocol", "vectors", "references.txt");

    static Stream<String> vectors() throws IOException {
        return Files.readAllLines(VECTORS).stream().filter(line -> !line.startsWith("#") && !line.isEmpty());
    }

    @ParameterizedTest
    @MethodSource("vectors")
    void runsTheVectors(String line) {
        List<String> columns = Arrays.asList(line.split("\t", -1));
        String reference = columns.get(1);
        assertEquals(
                columns.get(0) + "\t" + String.join("\t", columns.subList(2, columns.size())),
                ReferenceFuzz.outcome(reference));
    }

    @Test
    void runsEnoughVectors() throws IOException {
        assertTrue(vectors().count() >= 90);
    }

    @Test
    void refusesControlCharactersAsWritten() {
        assertEquals("2", column("a\u001B[2J"));
        assertEquals("12", column("a,default=x\ny"));
    }

    @Test
    void namesColumnAndFault() {
        AgentException refused = assertThrows(AgentException.class, () -> ReferenceParser.parse("db#.x"));

        assertEquals(FailureKind.BAD_REFERENCE, refused.kind());
        assertEquals(
                "column 4 of the reference: a part of the field is empty",
                refused.failure().message());
    }

    @Test
    void showsNothingOfTheOptions() {
        assertEquals("vault:a#b@3", ReferenceParser.shown("vault:a#b@3,default=hunter2"));
        assertEquals("a", ReferenceParser.shown("a"));
        assertFalse(ReferenceParser.parse("a,default=hunter2").toString().contains("hunter2"));
    }

    @Test
    void neverShowsADefaultInAnError() {
        AgentException refused =
                assertThrows(AgentException.class, () -> ReferenceParser.parse("a,default=hunter2%zz"));

        assertFalse(refused.failure().message().contains("hunter2"));
    }

    @Test
    void eitherParsesOrNamesAColumnWithinTheText() {
        Random random = new Random(1);
        String alphabet = "ab.:#@,%=+/0F4é\u0001";
        for (int round = 0; round < 20_000; round++) {
            String text = random.ints(random.nextInt(12), 0, alphabet.length())
                    .mapToObj(i -> String.valueOf(alphabet.charAt(i)))
                    .collect(Collectors.joining());
            try {
                assertFalse(ReferenceParser.parse(text).path().isEmpty());
            } catch (AgentException refused) {
                int column = columnOf(refused);
                assertTrue(column >= 1 && column <= text.length() + 1, text);
            }
        }
    }

    private static String column(String reference) {
        return String.valueOf(columnOf(assertThrows(AgentException.class, () -> ReferenceParser.parse(reference))));
    }

    private static int columnOf(AgentException refused) {
        return Integer.parseInt(refused.failure().message().replaceAll("^column (\\d+) of .*", "$1"));
    }
}
