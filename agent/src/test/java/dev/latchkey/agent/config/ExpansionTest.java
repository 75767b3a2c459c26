package dev.latchkey.agent.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.latchkey.agent.reference.ReferenceParser;
import dev.latchkey.agent.yaml.Node;
import dev.latchkey.agent.yaml.Position;
import dev.latchkey.agent.yaml.Problem;
import dev.latchkey.agent.yaml.Problems;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExpansionTest {
    private static final Map<String, String> ENVIRONMENT =
            Map.of("NAME", "web", "EMPTY", "", "NESTED", "${NAME}", "TEXT", "a.b");

    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource({
        "${NAME}, web",
        "${env:NAME}, web",
        "x-${NAME}-${TEXT}, x-web-a.b",
        "${NONE:-other}, other",
        "${EMPTY:-other}, other",
        "${NAME:-other}, web",
        "a${EMPTY}b, ab",
        "a${NONE:-}b, ab",
    })
    void replacesReferencesInValues(String value, String expected) {
        assertEquals(
                expected,
                Fixture.config("project: \"" + value + "\"", ENVIRONMENT)
                        .namespace()
                        .project()
                        .text());
    }

    @ParameterizedTest
    @CsvSource({
        "$${NAME}, '${NAME}'",
        "$$${NAME}, '$${NAME}'",
        "${NESTED}, '${NAME}'",
        "a$b, 'a$b'",
        "$, '$'",
        "${NAME}$${, 'web${'",
    })
    void neverExpandsWhatItWrote(String value, String expected) {
        assertEquals(expected, expanded(value));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "${NONE} | the variable NONE is not set",
                "${env:NONE} | the variable NONE is not set",
                "${} | not a reference: '${}'",
                "${a b} | not a reference: '${a b}'",
                "${env:a-b} | not a reference: '${env:a-b}'",
                "${1:-x} | not a reference: '${1:-x}'",
                "${vault:x} | not a reference: '${vault:x}'",
                "${NAME | a '${' without its '}'",
                "${secret:token} | a secret cannot stand here",
                "${file:} | there is no regular file ''",
                "${file:none} | there is no regular file 'none'",
                "${file:/dev/zero} | there is no regular file '/dev/zero'",
            })
    void refusesWhatItCannotResolve(String value, String message) {
        Problem problem = load("project: '" + value + "'\n").problems().getFirst();

        assertEquals(message, problem.message());
        assertEquals(1, problem.line());
        assertEquals(11, problem.column());
    }

    @Test
    void tellsEveryUnresolvedReferenceAtItsOwnColumn() {
        String yaml = """
                project: a-${ONE}-${TWO}
                environment: "é${THREE}"
                log: {level: 'x${FOUR}', format: "${FIVE}"}
                state: "\\x2f${SIX}"
                """;
        assertEquals(
                List.of("1:12: ONE", "1:19: TWO", "2:16: THREE", "3:16: FOUR", "3:35: FIVE", "4:8: SIX"),
                load(yaml).problems().stream()
                        .map(p ->
                                p.line() + ":" + p.column() + ": " + p.message().split(" ", -1)[2])
                        .toList());
    }

    @Test
    void readsFilesBesideTheConfigurationAndDropsOneNewline() throws IOException {
        Files.writeString(folder.resolve("name"), "web\n");
        Files.writeString(folder.resolve("two"), "web\n\n");

        assertEquals(
                "web", config("project: ${file:name}").namespace().project().text());
        assertEquals(
                "web",
                config("project: ${file:" + folder + "/name}")
                        .namespace()
                        .project()
                        .text());
        assertEquals(
                "project is not a name for a project: '${file:two}'",
                load("project: ${file:two}").problems().getFirst().message());
    }

    @Test
    void refusesFilesThatAreNoSmallText() throws IOException {
        Files.write(folder.resolve("binary"), new byte[] {(byte) 0xC3, 0x28});
        Files.write(folder.resolve("large"), new byte[Expansion.MAX_FILE + 1]);

        assertEquals(
                List.of("the file " + folder + "/binary is not UTF-8", "the file " + folder + "/large is over 64 KiB"),
                load("project: ${file:binary}\nenvironment: ${file:large}\n").problems().stream()
                        .map(Problem::message)
                        .toList());
    }

    @Test
    void refusesReferencesThatBecomeTooMuchTogether() throws IOException {
        Files.writeString(folder.resolve("big"), "x".repeat(Expansion.MAX_FILE));

        List<Problem> problems = load("project: " + "${file:big}".repeat(17)).problems();

        assertEquals(
                "the references of this file become more than 1 MiB",
                problems.getFirst().message());
    }

    @Test
    void noMessageShowsWhatAReferenceBecame() throws IOException {
        String canary = "canary-7f3a";
        Files.writeString(folder.resolve("canary"), canary);
        String yaml = """
                default-provider: ${file:canary}
                sockets:
                  - {name: a, path: "/${file:canary}"}
                  - {name: b, path: "/${file:canary}"}
                  - {name: "${file:canary}", path: "/x/${file:canary}"}
                  - {name: "${file:canary}", path: "/y/${file:canary}"}
                state: "${file:canary}"
                workloads:
                  - name: r
                    match: {listener: "${file:canary}x", uid: "${file:canary}"}
                    allow: ["${file:canary}:x", "store:${file:canary}/x"]
                log: {level: "${file:canary}"}
                health: {http: "${file:canary}"}
                """;
        List<Problem> problems = load(yaml).problems();

        assertEquals(10, problems.size(), problems::toString);
        assertFalse(problems.toString().contains(canary), problems::toString);
    }

    @Test
    void noMessageShowsWhatTheNameOfARuleBecame() {
        List<String> problems = Fixture.problems("""
                workloads:
                  - {name: "${NAME}", match: {}}
                  - {name: "${NAME}", match: {uid: 1}}
                  - {name: "x${NAME}", match: {uid: [1]}}
                """, Map.of("NAME", "canary-7f3a"));

        assertEquals(3, problems.size(), problems::toString);
        assertEquals(
                "4:31: workload 'x${NAME}' is never reached: '${NAME}' before it matches every caller it matches (put the narrower match first)",
                problems.getLast());
        assertFalse(problems.toString().contains("canary"), problems::toString);
    }

    @Test
    void shortensTheNameOfAVariableThatIsNotSet() {
        String problem =
                Fixture.problems("project: ${" + "A".repeat(1000) + "}").getFirst();

        assertTrue(problem.contains("A".repeat(80) + "… is not set"), problem);
        assertTrue(problem.length() < 300, problem);
    }

    @Test
    void aSecretOfTheStoreStandsInTheSettingsOfAProvider() {
        ConfigSecrets secrets = reference -> reference.path().equals("token")
                ? new ConfigSecrets.Found.Value("s3cret ${NAME}")
                : new ConfigSecrets.Found.Missing("not found in default/default");
        assertEquals(
                "<s3cret ${NAME}>", withSecrets(secrets, "<${secret:token}>").orElseThrow());
        assertEquals(Optional.empty(), withSecrets(secrets, "${secret:other}"));
        assertEquals(Optional.empty(), withSecrets(secrets, "${secret:vault:token}"));
        assertEquals(Optional.empty(), withSecrets(secrets, "${secret:a@@}"));
        assertTrue(!secrets.find(ReferenceParser.parse("token")).toString().contains("s3cret"));
    }

    @Test
    void whatWaitsForTheStoreIsReadAgain() {
        ConfigSecrets.Unopened unopened = new ConfigSecrets.Unopened();
        assertTrue(withSecrets(unopened, "plain").isPresent() && !unopened.asked());
        assertTrue(withSecrets(unopened, "${secret:token}").isPresent() && unopened.asked());
    }

    @Test
    void noSecretDecidesWhereTheStoreIsOrWhoGetsWhat() {
        String yaml = """
                providers: {store: {type: store, naming: "${secret:a}"}}
                workloads: [{name: "${secret:b}", match: {uid: 1}, allow: ["store:**"]}]
                """;
        assertEquals(
                List.of("1:43", "2:21"),
                load(yaml).problems().stream()
                        .filter(p -> p.message().equals("a secret cannot stand here"))
                        .map(p -> p.line() + ":" + p.column())
                        .toList());
    }

    private Optional<String> withSecrets(ConfigSecrets secrets, String text) {
        Node.Scalar scalar = new Node.Scalar(text, Position.START, Optional.of(Position.START));
        return new Expansion(Fixture.host(ENVIRONMENT), secrets, folder, new Problems()).expand(scalar);
    }

    private String expanded(String text) {
        Problems problems = new Problems();
        Node.Scalar scalar = new Node.Scalar(text, Position.START, Optional.of(Position.START));
        String value = new Expansion(Fixture.host(ENVIRONMENT), new ConfigSecrets.Unopened(), folder, problems)
                .expand(scalar)
                .orElseThrow();
        assertEquals(0, problems.count());
        return value;
    }

    private AgentConfig config(String yaml) {
        return ((ConfigResult.Loaded) load(yaml)).config();
    }

    private ConfigResult load(String yaml) {
        return new ConfigLoader(Fixture.host(ENVIRONMENT))
                .parse(yaml.getBytes(StandardCharsets.UTF_8), folder.resolve("agent.yaml"));
    }
}
