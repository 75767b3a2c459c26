package dev.latchkey.agent.manifest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.latchkey.agent.yaml.Problems;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ManifestReaderTest {
    private static List<String> problems(String label, String text) {
        Problems problems = new Problems();
        ManifestReader.read(label, text.getBytes(StandardCharsets.UTF_8), problems);
        return problems.all().stream().map(problem -> problem.text("f")).toList();
    }

    private static Manifest manifest(String label, String text) {
        Problems problems = new Problems();
        Optional<Manifest> found = ManifestReader.read(label, text.getBytes(StandardCharsets.UTF_8), problems);
        assertEquals(List.of(), problems.all());
        return found.orElseThrow();
    }

    @ParameterizedTest
    @ValueSource(strings = {"print(1)\n", "# a comment\nx = {\n", ""})
    void tellsAScriptWithoutAnnotationFromAManifest(String text) {
        assertEquals(List.of("f: the script has no @bruin block"), problems("etl/load.py", text));
        assertFalse(problems("etl/load.yaml", text).contains("f: the script has no @bruin block"));
    }

    @Test
    void readsEveryKey() {
        Manifest found = manifest("a.yaml", """
                project: web
                environment: prod
                secrets:
                  - {key: A}
                  - {key: b#c, inject_as: B, file: true, check: {pattern: x+, min-length: 3, json: false}}
                  - {key: d, inject_as: D, default: "x,y"}
                  - {key: e, optional: true}
                  - from: f
                default: {secrets: [{key: G}]}
                env: {U: "x${A}"}
                connection: db
                """);
        assertEquals("web", found.project().orElseThrow().text());
        assertEquals(
                List.of("A", "b#c", "d,default=%78%2c%79", "e,optional", "f", "db"),
                found.entries().stream().map(Manifest.Entry::reference).toList());
        assertEquals(3, found.entries().get(1).check().minLength());
        assertTrue(found.entries().get(1).file() && found.entries().get(4).spread());
        assertEquals("G", found.defaults().getFirst().key());
        assertEquals("U", found.variables().getFirst().target());
    }

    @Test
    void hintsAtTheKeyThatWasMeant() {
        Problems problems = new Problems();
        ManifestReader.read(
                "f",
                "projct: a\nsecrets: [{kee: A, check: {patern: a}, zzz: 1}]".getBytes(StandardCharsets.UTF_8),
                problems);

        assertEquals(
                List.of(
                        "did you mean project?",
                        "did you mean key?",
                        "did you mean pattern?",
                        "the keys here are key, inject_as, file, optional, default, check, from"),
                problems.all().stream()
                        .flatMap(problem -> problem.hint().stream())
                        .limit(4)
                        .toList());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "secrets: [{kee: A}] | f:1:12: unknown key kee",
                "secrets: [{key: ''}] | f:1:17: key must be a single value that is not blank",
                "secrets: [{inject_as: A}] | f:1:11: an element of secrets has no key",
                "secrets: [x] | f:1:11: an element of secrets must be a mapping, not a single value",
                "secrets: x | f:1:10: secrets must be a list or a mapping, not a single value",
                "secrets: [{key: a@@}] | f:1:17: key: column 3 of the reference: a second '@'",
                "secrets: [{key: a, inject_as: 1x}] | f:1:31: inject_as is not the name of a variable: '1x'",
                "secrets: [{key: a, optional: yes}] | f:1:30: optional must be true or false",
                "secrets: [{key: a, optional: true, default: x}] | f:1:17: more than one of `optional` and `default`, of which a secret has one",
                "secrets: [{from: a, inject_as: B}] | f:1:11: `from` takes every field and goes with no other key",
                "secrets: [{key: a, check: {pattern: '('}}] | f:1:37: check.pattern is not a regular expression: it has a '(' that nothing closes at character 1",
                "secrets: [{key: a, check: {min-length: -1}}] | f:1:40: check.min-length must be a number of bytes, 0 to 1048576",
                "env: {A: \"\\ud800\"} | f:1:10: half of a surrogate pair",
                "nothing: 1 | f:1:1: unknown key nothing",
                "env: [a] | f:1:6: env must be a mapping, not a list",
                "env: {1a: b} | f:1:7: not the name of a variable: '1a'",
                "secrets: {A: b} | f: the document binds nothing",
                "[] | f:1:1: the document must be a mapping, not a list",
            })
    void tellsWhatIsWrongAndWhere(String text, String expected) {
        assertEquals(List.of(expected), problems("a.yaml", text));
    }

    @Test
    void ofPipelinesAndScriptsOtherKeysAreSomebodyElses() {
        String text = "name: x\ndefault: {type: python, secrets: [{key: A}]}\nproject: [1]\n";
        assertEquals(
                "A", manifest("dir/pipeline.yml", text).defaults().getFirst().key());
        assertEquals(3, problems("other.yml", text).size());
        assertEquals(
                "A",
                manifest("x.py", "\"\"\"@bruin\n" + text + "@bruin\"\"\"")
                        .defaults()
                        .getFirst()
                        .key());
    }

    @Test
    void linesAndColumnsOfAnAnnotationAreThoseOfTheScript() {
        assertEquals(
                "f:4:12: unknown key kee",
                problems("x.py", "#!/usr/bin/python3\n\n\"\"\"@bruin\nsecrets: [{kee: A}]\n@bruin\"\"\"\n")
                        .getFirst());
        assertEquals(
                "f:2:14: unknown key kee",
                problems("x.R", "# @bruin\n# secrets: [{kee: A}]\n# @bruin\n").getFirst());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a: &a [x]\nsecrets: *a",
                "secrets: !!set {a}",
                "env: {A: b, A: c}",
                "env: {A: b}\n---\nenv: {B: c}",
            })
    void refusesWhatMakesDocumentsGrow(String text) {
        assertTrue(!problems("a.yaml", text).isEmpty());
    }

    @ParameterizedTest
    @CsvSource({"my-secret,MY_SECRET,my-secret", "A_b,A_b,A_b", "1x,_1X,1x", "a.é,A__,a.é"})
    void namesVariablesAfterSecrets(String name, String posix, String raw) {
        assertEquals(Optional.of(posix), OwnName.of(name, false));
        assertEquals(Optional.of(raw), OwnName.of(name, true));
    }

    @Test
    void onlyAPlainNameHasOneOfItsOwn() {
        assertEquals(Optional.of("A_B"), OwnName.ofReference("a-b,optional", false));
        for (String reference : List.of("vault:x", "p/e/n", "a#b", "a@1")) {
            assertEquals(Optional.empty(), OwnName.ofReference(reference, false));
        }
        assertEquals(Optional.empty(), OwnName.of("a=b", true));
    }
}
