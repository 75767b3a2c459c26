package dev.latchkey.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the documents point to is there: links, and the tests that prove a promise. */
final class DocumentationTest {
    private static final Pattern LINK = Pattern.compile("]\\(([^)#:]+)(#[^)]*)?\\)");
    private static final Pattern MODULE = Pattern.compile(" *(agent|protocol|launcher): ");
    private static final Pattern QUOTED = Pattern.compile("`([^`]+)`");

    @Test
    void everyLinkLeadsSomewhere() throws IOException {
        List<String> broken = new ArrayList<>();
        int links = 0;
        for (Path document : documents()) {
            Matcher link = LINK.matcher(Files.readString(document));
            while (link.find()) {
                links++;
                if (!Files.exists(document.resolveSibling(link.group(1)))) {
                    broken.add(document + ": " + link.group(1));
                }
            }
        }
        assertEquals(List.of(), broken);
        assertTrue(links > 10, "only " + links + " links were found");
    }

    private static List<Path> documents() throws IOException {
        try (Stream<Path> root = Files.list(Machine.ROOT);
                Stream<Path> docs = Files.walk(Machine.ROOT.resolve("docs"));
                Stream<Path> vectors = Files.walk(Machine.ROOT.resolve("protocol/vectors"))) {
            return Stream.of(root, docs, vectors, Stream.of(Machine.ROOT.resolve("protocol/SPEC.md")))
                    .flatMap(files -> files)
                    .filter(file -> file.toString().endsWith(".md"))
                    .toList();
        }
    }

    @Test
    void everyPromiseOfTheThreatModelNamesTestsThatExist() throws IOException {
        List<String> promises = Files.readAllLines(Machine.ROOT.resolve("docs/threat-model.md")).stream()
                .dropWhile(line -> !line.equals("| promise | how | test |"))
                .skip(2)
                .takeWhile(line -> line.startsWith("| "))
                .toList();
        assertTrue(promises.size() > 5, promises::toString);
        List<String> missing = new ArrayList<>();
        for (String promise : promises) {
            String[] cells = promise.split(" \\| ", -1);
            assertTrue(QUOTED.matcher(cells[2]).find(), () -> "no test is named: " + promise);
            missing.addAll(missing(cells[2]));
        }
        assertEquals(List.of(), missing);
    }

    @Test
    void everyAnswerToOtherSystemsNamesTestsThatExist() throws IOException {
        List<String> answers = Files.readAllLines(Machine.ROOT.resolve("docs/reference/compatibility.md")).stream()
                .filter(line ->
                        line.startsWith("| ") && !line.startsWith("| there ") && !line.startsWith("| complaint "))
                .toList();
        assertTrue(answers.size() > 50, answers::toString);
        List<String> missing = new ArrayList<>();
        for (String answer : answers) {
            String tests = answer.split(" \\| ", -1)[2].replaceAll("\\([^)]*\\)", "");
            boolean nothingToShow = answer.split(" \\| ", -1)[1].matches("no.*") && tests.startsWith("–");
            assertTrue(nothingToShow || QUOTED.matcher(tests).find(), () -> "no test is named: " + answer);
            missing.addAll(missing(tests.replaceAll(", (agent|protocol|launcher): ", "; $1: ")));
        }
        assertEquals(List.of(), missing);
    }

    /** Tests of a module stand behind its name up to a semicolon; those of this one stand alone. */
    private static List<String> missing(String tests) throws IOException {
        List<String> missing = new ArrayList<>();
        for (String ofOneModule : tests.split(";", -1)) {
            Matcher prefix = MODULE.matcher(ofOneModule);
            Path module = Machine.ROOT.resolve(prefix.lookingAt() ? prefix.group(1) : "integration-tests");
            Matcher test = QUOTED.matcher(ofOneModule);
            while (test.find()) {
                if (!holds(module, test.group(1))) {
                    missing.add(module.getFileName() + ": " + test.group(1));
                }
            }
        }
        return missing;
    }

    private static boolean holds(Path module, String test) throws IOException {
        if (test.contains("/")) {
            return Files.exists(module.resolve(test));
        }
        try (Stream<Path> sources = Files.walk(module.resolve("src/test/java"))) {
            return sources.anyMatch(source -> source.endsWith(test + ".java"));
        }
    }
}
