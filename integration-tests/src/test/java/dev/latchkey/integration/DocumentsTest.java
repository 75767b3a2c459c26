package dev.latchkey.integration;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Manifests, annotated scripts, pipelines and templates, and which of several sources counts. */
final class DocumentsTest {
    private static final TestAgent agent = TestAgent.prepared().configured("""
            workloads:
              - name: here
                match: {uid: %d}
                allow: ["store:**"]
                deny: ["store:*/*/root-*"]
                inject-all: ["app/default/*", "app/default/root-*"]
            """.formatted(Machine.uid()));
    private static final byte[] POISON =
            "!template! ${secret:one} $${x} ${HOME} $(id) `id` \r\n\u001b]0;x\u0007%s".getBytes(StandardCharsets.UTF_8);

    @BeforeAll
    static void startAgent() {
        agent.start();
        agent.store("one", "first");
        agent.store("two", "second");
        agent.store("db", "{\"user\":\"app\",\"password\":\"p@ss\",\"port\":5432}");
        agent.store("poison", POISON);
        agent.store("latin", new byte[] {(byte) 0xE9, (byte) 0xFF, 'x'});
        agent.does("project", "create", "app");
        agent.store("API_KEY", "key", "--project", "app");
        agent.store("db.name", "orders", "--project", "app");
        agent.store("root-password", "never", "--project", "app");
    }

    @AfterAll
    static void stopAgent() {
        agent.close();
    }

    private static Command command(String... options) {
        List<String> words = new ArrayList<>(List.of(options));
        words.addAll(List.of("--", "cat", "/proc/self/environ"));
        return agent.launcher(words.toArray(String[]::new));
    }

    private static Environment environment(String... options) {
        return Environment.parse(command(options).run().succeeds().out());
    }

    private static String file(String name, String text) {
        return agent.write(name, text).toString();
    }

    @Test
    void bindsTheEntriesOfAManifest() {
        String manifest = file("app.yaml", """
                secrets:
                  - key: one
                  - {key: two, inject_as: SECOND}
                  - {key: "db#password", inject_as: DB_PASSWORD}
                  - {key: missing, optional: true, inject_as: GONE}
                  - {key: missing, default: "a,b=%", inject_as: OTHERWISE}
                  - from: db
                env:
                  URL: pg://${secret:db#user}:${secret:db#password,encode=url}@${HOST:-localhost}/$${x}
                """);
        Environment found = Environment.parse(command("--bindings", manifest)
                .env("GONE", "inherited")
                .run()
                .succeeds()
                .out());
        assertEquals("first", found.text("one"));
        assertEquals("second", found.text("SECOND"));
        assertNull(found.text("two"));
        assertEquals("p@ss", found.text("DB_PASSWORD"));
        assertNull(found.text("GONE"));
        assertEquals("a,b=%", found.text("OTHERWISE"));
        assertEquals("app", found.text("user"));
        assertEquals("5432", found.text("port"));
        assertEquals("pg://app:p%40ss@localhost/${x}", found.text("URL"));
    }

    @Test
    void aNameOfAVariableThatIsTooLongIsRefusedAlsoWhereItIsRemoved() {
        String manifest = file(
                "long.yaml",
                "secrets: [{key: one}, {key: missing, optional: true, inject_as: " + "A".repeat(5_000) + "}]\n");
        Finished refused = command("--bindings", manifest).run();
        assertEquals(125, refused.status(), refused::toString);
        assertTrue(refused.errors().contains("the name of a variable is over 1024 bytes"), refused::toString);
    }

    @Test
    void readsTheThreeFormsOfAnAnnotation() {
        String python = file(
                "a.py",
                "#!/usr/bin/env python3\n\n\"\"\" @bruin\nname: x\nsecrets: [{key: one}]\n@bruin\"\"\"\nx = '${y'\n");
        String sql = file("a.sql", "/* @bruin\nname: x\nsecrets:\n  - key: one\n@bruin */\nselect 1;\n");
        String lines = file("a.R", "# @bruin\n# name: x\n# secrets:\n#   - key: one\n# @bruin\nprint(1)\n");
        for (String script : List.of(python, sql, lines)) {
            assertEquals("first", environment("--bindings", script).text("one"), script);
        }
    }

    @Test
    void appendsThePipelinesDefaultsWhereNoEntryHasTheKey() {
        String script =
                file("b.py", "\"\"\"@bruin\nsecrets:\n  - {key: one, inject_as: MINE}\nconnection: db\n@bruin\"\"\"");
        String pipeline = file(
                "pipeline.yml",
                "name: p\ndefault:\n  type: x\n  secrets:\n    - {key: one, inject_as: THEIRS}\n    - {key: two}\n");
        Environment found = environment("--bindings", pipeline, "--bindings", script);
        assertEquals("first", found.text("MINE"));
        assertNull(found.text("THEIRS"));
        assertEquals("second", found.text("two"));
        assertEquals("{\"user\":\"app\",\"password\":\"p@ss\",\"port\":5432}", found.text("db"));
    }

    @Test
    void anEarlierDocumentWinsAndTheCommandLineBeforeAll() {
        String unit = file("unit.yaml", "secrets: [{key: one, inject_as: A}]\n");
        String all = file(
                "all.yaml",
                "secrets: [{key: one, inject_as: B}, {key: two, inject_as: C}, {key: missing, inject_as: D}]\n");
        Environment found = environment("--bindings", unit, "--bindings", all, "--env", "D=plain", "--secret", "C=one");
        assertEquals("first", found.text("A"));
        assertNull(found.text("B"));
        assertEquals("first", found.text("C"));
        assertEquals("plain", found.text("D"));
    }

    @Test
    void twoThatMeetInOneLayerAreAnErrorThatListsBoth() {
        String manifest = file("meet.yaml", "secrets:\n  - {key: one, inject_as: A}\n  - {key: two, inject_as: A}\n");
        command("--bindings", manifest).run().refuses(125, "A: ", "meet.yaml:2:", "meet.yaml:3:");
        String spread = file("spread.yaml", "secrets:\n  - {key: one, inject_as: user}\n  - from: db\n");
        command("--bindings", spread).run().refuses(125, "user: ", "spread.yaml:2:", "spread.yaml:3:");
    }

    @Test
    void twoSecretsThatMeetUnderOneNameSayHowToKeepThemApart() {
        agent.store("db-name", "other", "--project", "app");
        try {
            Finished refused = command("--all").run().refuses(125, "DB_NAME: ", "--name-transform raw", "--secret");
            assertFalse(refused.errors().contains("inject_as"), refused::toString);
            assertEquals(
                    "other", environment("--all", "--name-transform", "raw").text("db-name"));
        } finally {
            agent.does("secret", "delete", "db-name", "--project", "app");
        }
    }

    @Test
    void injectsWhatTheRuleSelectsAndMay() {
        Environment found = environment("--all");
        assertEquals("key", found.text("API_KEY"));
        assertEquals("orders", found.text("DB_NAME"));
        assertNull(found.text("ROOT_PASSWORD"));
        assertEquals("orders", environment("--all", "--name-transform", "raw").text("db.name"));
        assertEquals("mine", environment("--all", "--env", "API_KEY=mine").text("API_KEY"));
        assertEquals(
                "first",
                environment("--all", "--all-from", "db", "--secret", "user=one").text("user"));
    }

    @Test
    void keepAndErrorLookAtWhatDocumentsBind() {
        String manifest = file("keep.yaml", "secrets: [{key: missing, inject_as: A}, {key: one}]\n");
        Environment kept = Environment.parse(command("--on-conflict", "keep", "--bindings", manifest)
                .env("A", "old")
                .run()
                .succeeds()
                .out());
        assertEquals("old", kept.text("A"));
        assertEquals("first", kept.text("one"));
        command("--on-conflict", "error", "--bindings", manifest)
                .env(Map.of("A", "old", "one", "old"))
                .run()
                .refuses(125, "A: ", "one: ");
    }

    @Test
    void tellsEverythingThatIsWrongAtOnceWithLineAndColumn() {
        String manifest = file("wrong.yaml", """
                secrets:
                  - {key: one, injectas: X}
                  - {key: "a#b#c"}
                unknown: 1
                env:
                  A: ${1x} and ${UNSET_VARIABLE}
                """);
        command("--bindings", manifest)
                .run()
                .refuses(
                        125,
                        "wrong.yaml:2:16: unknown key injectas",
                        "wrong.yaml:3:",
                        "wrong.yaml:4:1: unknown key unknown")
                .hints();
        String unresolved = file("unset.yaml", "env:\n  A: x ${UNSET_ONE}\n  B: ${UNSET_TWO}${file:/no/such}\n");
        command("--bindings", unresolved)
                .run()
                .refuses(125, "unset.yaml:2:8: ", "UNSET_ONE", "unset.yaml:3:6: ", "unset.yaml:3:18: ", "/no/such");
    }

    @Test
    void namesEveryFailingReferenceOfDocuments() {
        String manifest = file(
                "failing.yaml", "secrets: [{key: missing, inject_as: A}, {key: gone}]\nenv: {U: 'x${secret:no}'}\n");
        command("--bindings", manifest)
                .run()
                .refuses(
                        122,
                        "failing.yaml:1:17: A=missing: not found in default/default",
                        "failing.yaml:1:47: gone=gone: ",
                        "failing.yaml:2:12: U=no: ");
        command("--secret", "R=app/default/root-password", "--bindings", manifest)
                .run()
                .refuses(121, "R=app/default/root-password: denied");
    }

    @Test
    void tellsMissingSecretsTogetherWithWhatTheLauncherLacksAndWhatIsNoReference() {
        String template = file("all.tmpl", "${secret:nope} ${NOT_SET_HERE}\n${file:/no/such} ${secret:db#zz} ${open");
        command("--template", template + "=T")
                .run()
                .refuses(
                        125,
                        "all.tmpl:1:1: T=nope: not found in default/default",
                        "all.tmpl:1:16: the variable NOT_SET_HERE is not set",
                        "all.tmpl:2:1: the file '/no/such'",
                        "all.tmpl:2:18: T=db#zz: the secret has no such field",
                        "all.tmpl:2:34: a '${' without its '}'");
    }

    @Test
    void refusesDangerousNamesFromEverySource() {
        for (String text : List.of(
                "secrets: [{key: one, inject_as: LD_PRELOAD}]",
                "env: {PATH: x}",
                "secrets: [{key: one, inject_as: LATCHKEY_BOUND}]")) {
            command("--bindings", file("danger.yaml", text)).run().refuses(125, "danger.yaml");
        }
        agent.store("evil", "{\"LD_PRELOAD\":\"x\"}");
        command("--all-from", "evil").run().refuses(125, "LD_PRELOAD");
        command("--template", file("x.tmpl", "x") + "=BASH_ENV").run().refuses(125, "BASH_ENV");
        assertEquals(
                "x", environment("--allow-dangerous-name", "--all-from", "evil").text("LD_PRELOAD"));
    }

    @Test
    void checksWhatAValueMustBe() {
        String good = "secrets: [{key: one, check: {pattern: 'fi.*t', min-length: 5}}, {key: db, check: {json: true}}]";
        assertEquals("first", environment("--bindings", file("good.yaml", good)).text("one"));
        command(
                        "--bindings",
                        file("all.yaml", "secrets: [{key: one, check: {pattern: 'x+', min-length: 6, json: true}}]"))
                .run()
                .refuses(
                        122,
                        "the value is shorter than 6 bytes, and the value is not JSON, and the value does not match its"
                                + " pattern");
        for (String check : List.of("pattern: 'x+'", "min-length: 6", "json: true")) {
            command("--bindings", file("bad.yaml", "secrets: [{key: one, check: {" + check + "}}]"))
                    .run()
                    .refuses(122, "one")
                    .saysNot("first");
        }
    }

    @Test
    void aPatternThatNeverEndsInOtherPlacesEndsSoon() {
        agent.store("long", "a".repeat(60) + "!");
        Map.of(
                        "((a+)+)+!!", "122 does not match",
                        "((a+)+)+\\1!!", "125 which is not supported",
                        "(?:(?:){2147483647}){2147483647}", "125 repeats too much")
                .forEach((pattern, end) -> command(
                                "--bindings",
                                file("evil.yaml", "secrets: [{key: long, check: {pattern: '" + pattern + "'}}]"))
                        .run()
                        .refuses(Integer.parseInt(end.substring(0, 3)), end.substring(4))
                        .tookUnder(java.time.Duration.ofSeconds(5)));
    }

    @Test
    void poisonedValuesArriveByteForByteAndAreNeverTakenApart() {
        String manifest = file(
                "poison.yaml",
                "secrets: [{key: poison}, {key: latin}]\nenv: {T: '<${secret:poison}>', E: '${env:POISON}'}\n");
        Environment found = Environment.parse(command("--bindings", manifest, "--secret-file", "F=poison")
                .env("POISON", "${secret:one} $${x}")
                .run()
                .succeeds()
                .out());
        assertArrayEquals(POISON, found.value("poison"));
        assertArrayEquals(new byte[] {(byte) 0xE9, (byte) 0xFF, 'x'}, found.value("latin"));
        assertEquals("<" + new String(POISON, StandardCharsets.UTF_8) + ">", found.text("T"));
        assertEquals("${secret:one} $${x}", found.text("E"));
    }

    @Test
    void showsWhatWouldBeDelivered() {
        String manifest = file("plan.yaml", "secrets: [{key: one}, {key: two, file: true, inject_as: F}]\n");
        String shown = agent.launcher("--bindings", manifest, "--env", "X=1", "--secret", "one=two", "--dry-run")
                .run()
                .succeeds()
                .output();
        assertTrue(shown.contains("replaces") && shown.contains("file") && !shown.contains("first"), shown);
        agent.launcher("--bindings", file("none.yaml", "secrets: [{key: missing}]"), "--dry-run")
                .run()
                .exits(122);
    }

    @Test
    void takesTheBackendFromTheFlagAndItsVariables() {
        command("--secrets-backend", "nowhere", "--secret", "V=one").run().refuses(125, "unknown provider");
        command("--secret", "V=one")
                .env("BRUIN_SECRETS_BACKEND", "nowhere")
                .run()
                .refuses(125, "unknown provider");
        assertEquals(
                "first",
                environment("--secrets-backend", "store", "--max-age", "1m", "--offline", "--secret", "V=one")
                        .text("V"));
        command("--secrets-backend", "No Name", "--secret", "V=one").run().refuses(125, "argument 2");
    }

    @Test
    void readsAManifestFromStandardInput() {
        assertEquals(
                "first",
                Environment.parse(command("--bindings", "-")
                                .input("secrets: [{key: one}]")
                                .run()
                                .succeeds()
                                .out())
                        .text("one"));
        command("--bindings", "-").input("secrets: {A: b}").run().refuses(125, "binds nothing");
    }

    @Test
    void looksNamesUpWhereTheDocumentSays() {
        String manifest = file("place.yaml", "project: app\nsecrets: [{key: API_KEY}]\n");
        assertEquals("key", environment("--bindings", manifest).text("API_KEY"));
        command("--project", "default", "--bindings", manifest).run().refuses(122, "API_KEY");
    }

    @Test
    void auditsWhatDocumentsBind() {
        environment("--bindings", file("audited.yaml", "secrets: [{key: two, inject_as: AUDITED}]"));
        String records = agent.admin("audit", "tail", "--format", "json")
                .run()
                .succeeds()
                .output();
        assertTrue(records.contains("AUDITED"), records);
    }
}
