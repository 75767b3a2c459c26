package dev.latchkey.integration;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** {@code agent secret …}: the whole life of a secret at the command line. */
final class SecretCommandsTest {
    private static TestAgent agent = TestAgent.prepared();

    @BeforeAll
    static void startAgent() {
        agent.start();
    }

    @AfterAll
    static void stopAgent() {
        agent.close();
    }

    private static void assertMissing(String reference) {
        agent.launch("--secret", "V=" + reference, "--", "true").refuses(122, "V=" + reference);
    }

    // ---- putting ----

    @Test
    void dropsOneFinalNewlineOfStdinAndSaysSo() {
        Canary canary = agent.plant(Canary.word());
        Finished put = agent.admin("secret", "put", "piped")
                .input(canary.utf8() + "\n")
                .run()
                .succeeds();
        put.says("newline");
        agent.assertDelivers("V", canary, "--secret", "V=piped");
        agent.admin("secret", "put", "two-newlines").input("x\n\n").run().succeeds();
        agent.assertDelivers("V", new byte[] {'x', '\n'}, "--secret", "V=two-newlines");
    }

    @Test
    void keepsStdinExactlyWhenAsked() {
        agent.admin("secret", "put", "exact", "--exact").input("x\n").run().succeeds();
        agent.assertDelivers("V", new byte[] {'x', '\n'}, "--secret", "V=exact");
    }

    @Test
    void storesAFileByteForByte() {
        Canary canary = Canary.random();
        String file = agent.writeValue("value.bin", canary).toString();
        agent.does("secret", "put", "from-file", "--from-file", file);
        agent.assertDelivers("V", canary, "--secret", "V=from-file");
        agent.does(
                "secret",
                "put",
                "file-with-newline",
                "--from-file",
                agent.write("nl", "x\n").toString());
        agent.assertDelivers("V", new byte[] {'x', '\n'}, "--secret", "V=file-with-newline");
    }

    @Test
    void generatesAValueAndNeverPrintsIt() {
        Finished put = agent.does("secret", "put", "generated", "--generate", "40");
        byte[] value = agent.delivered("V", "--secret", "V=generated");
        assertTrue(value != null && new String(value, StandardCharsets.UTF_8).matches("[A-Za-z0-9]{40}"));
        assertFalse(Canaries.contains(put.out(), value));
        assertFalse(Canaries.contains(put.err(), value));
    }

    @ParameterizedTest
    @ValueSource(strings = {"15", "4097", "0", "-1", "many"})
    void refusesOtherLengthsToGenerate(String length) {
        agent.admin("secret", "put", "generated-badly", "--generate", length)
                .run()
                .exits(2);
    }

    @Test
    void refusesTwoSources() {
        String file = agent.write("some", "x").toString();
        agent.admin("secret", "put", "two-sources", "--from-file", file, "--generate", "20")
                .run()
                .exits(2);
    }

    @Test
    void refusesAnEmptyInputUnlessAllowed() {
        agent.admin("secret", "put", "nothing").input("").run().exits(1).says("--allow-empty");
        assertMissing("nothing");
        agent.admin("secret", "put", "nothing", "--allow-empty").input("").run().succeeds();
        agent.assertDelivers("V", new byte[0], "--secret", "V=nothing");
    }

    @Test
    void storesAMebibyteAndNotAByteMore() {
        byte[] largest = new byte[1 << 20];
        agent.store("largest", largest);
        agent.admin("secret", "put", "larger")
                .input(new byte[(1 << 20) + 1])
                .run()
                .exits(1);
        assertMissing("larger");
    }

    @Test
    void refusesAFileThatIsNotThere() {
        agent.admin("secret", "put", "no-file", "--from-file", "/no/such/file")
                .run()
                .exits(1)
                .says("/no/such/file");
    }

    @ParameterizedTest
    @ValueSource(strings = {"-x", ".x", "a b", "a/b", "é", "a:b", "a@1", "a#b", ""})
    void refusesNamesOutsideTheirRule(String name) {
        int status = agent.admin("secret", "put", "--", name).input("x").run().status();
        assertTrue(status == 1 || status == 2, () -> "status " + status);
    }

    @Test
    void acceptsTheLongestName() {
        String name = "n".repeat(253);
        agent.store(name, "v");
        agent.assertDelivers("V", new byte[] {'v'}, "--secret", "V=" + name);
        agent.admin("secret", "put", name + "n").input("x").run().exits(1);
    }

    @Test
    void saysWhenNothingChanged() {
        agent.store("same", "value");
        agent.admin("secret", "put", "same").input("other").run().succeeds();
        Finished again =
                agent.admin("secret", "put", "same").input("other").run().succeeds();
        assertTrue((again.output() + again.errors()).contains("unchanged, still version 2"), again::toString);
    }

    // ---- showing ----

    @Test
    void listsMetadataAndNoValue() {
        agent.put("listed", "--description", "for the tests", "--scope", "service");
        Finished list = agent.does("secret", "list", "--format", "json");
        JsonNode listed = null;
        for (JsonNode element : Json.parse(list.output())) {
            if (element.get("name").asString().equals("listed")) {
                listed = element;
            }
        }
        assertTrue(listed != null, list::toString);
        assertEquals("default", listed.get("project").asString());
        assertEquals("default", listed.get("environment").asString());
        assertEquals("for the tests", listed.get("description").asString());
        assertEquals("service", listed.get("scopes").get(0).asString());
        assertEquals(1, listed.get("version").asInt());
        assertTrue(listed.get("expires").isNull());
        assertTrue(Instant.parse(listed.get("created").asString()).isBefore(Instant.now()));
        assertTrue(listed.get("created").asString().endsWith("Z"));
        List<String> keys = new ArrayList<>(listed.propertyNames());
        assertTrue(
                keys.containsAll(List.of(
                        "project",
                        "environment",
                        "name",
                        "version",
                        "created",
                        "updated",
                        "expires",
                        "deleted",
                        "scopes",
                        "description")),
                keys::toString);
        agent.does("secret", "list").says();
        agent.does("secret", "show", "listed", "--format", "json");
    }

    @Test
    void listsVersionsWithWhichIsCurrent() {
        agent.put("history");
        agent.put("history");
        Finished versions = agent.does("secret", "versions", "history", "--format", "json");
        assertEquals(2, Json.parse(versions.output()).size());
        for (JsonNode version : Json.parse(versions.output())) {
            assertEquals(
                    version.get("version").asInt() == 2, version.get("current").asBoolean());
        }
    }

    @Test
    void namesWhatIsNotThere() {
        for (String command : List.of("show", "versions", "delete", "purge", "restore")) {
            agent.admin("secret", command, "never-stored").run().exits(1).says("never-stored");
        }
    }

    @Test
    void tellsErrorsAsJson() {
        Finished finished = agent.admin("secret", "show", "never-stored", "--format", "json")
                .run()
                .exits(1);
        JsonNode error = Json.parse(finished.errors()).get("error");
        assertFalse(error.get("code").asString().isEmpty());
        assertTrue(error.get("message").asString().contains("never-stored"));
    }

    @Test
    void refusesToRevealByDefault() {
        Canary canary = agent.put("shy");
        Finished reveal = agent.adminPrinting("secret", "reveal", "shy").run().exits(1);
        assertEquals(0, reveal.out().length);
        assertFalse(Canaries.contains(reveal.err(), canary.bytes()));
    }

    // ---- versions ----

    @Test
    void rollsBackByAddingAVersion() {
        Canary first = agent.put("rolled");
        agent.put("rolled");
        agent.does("secret", "rollback", "rolled", "1");
        agent.assertDelivers("V", first, "--secret", "V=rolled");
        agent.assertDelivers("V", first, "--secret", "V=rolled@3");
        agent.admin("secret", "rollback", "rolled", "9").run().exits(1);
    }

    @Test
    void rotatesOnlyWhatIsThere() {
        agent.admin("secret", "rotate", "not-yet", "--generate", "32")
                .run()
                .exits(1)
                .says("not-yet");
        Canary before = agent.put("rotated");
        agent.does("secret", "rotate", "rotated", "--generate", "32");
        byte[] after = agent.delivered("V", "--secret", "V=rotated");
        assertTrue(after != null && after.length == 32);
        agent.assertDelivers("V", before, "--secret", "V=rotated@1");
    }

    @Test
    void servesNoDisabledVersion() {
        Canary first = agent.put("switched");
        Canary second = agent.put("switched");
        agent.does("secret", "disable", "switched", "1");
        assertMissing("switched@1");
        agent.admin("secret", "rollback", "switched", "1").run().exits(1);
        agent.does("secret", "enable", "switched", "1");
        agent.assertDelivers("V", first, "--secret", "V=switched@1");
        agent.does("secret", "disable", "switched", "2");
        assertMissing("switched@2");
        // The current version stays the one that was put last: an older one is not served in its place.
        agent.launch("--secret", "V=switched", "--", "true").refuses(122, "V=switched", "disabled");
        agent.does("secret", "enable", "switched", "2");
        agent.assertDelivers("V", second, "--secret", "V=switched");
    }

    @Test
    void changesMetadataWithoutAVersion() {
        agent.put("described");
        agent.does("secret", "set", "described", "--description", "new words");
        JsonNode shown = Json.parse(
                agent.does("secret", "show", "described", "--format", "json").output());
        JsonNode secret = shown.isArray() ? shown.get(0) : shown;
        assertEquals("new words", secret.get("description").asString());
        assertEquals(1, secret.get("version").asInt());
    }

    @Test
    void expiresByASetting() {
        agent.put("expiring");
        agent.does("secret", "set", "expiring", "--expires-in", "1s");
        Await.until(
                "it expires",
                () -> agent.launch("--secret", "V=expiring", "--", "true").status() == 122);
        agent.launch("--secret", "V=expiring", "--", "true").refuses(122, "expired");
    }

    // ---- deleting ----

    @Test
    void hidesWhatIsDeletedUntilItIsRestored() {
        Canary canary = agent.put("hidden");
        agent.does("secret", "delete", "hidden");
        assertMissing("hidden");
        assertMissing("hidden@1");
        agent.launch("--secret", "V=hidden", "--", "true").refuses(122, "agent secret restore hidden");
        agent.does("secret", "restore", "hidden");
        agent.assertDelivers("V", canary, "--secret", "V=hidden");
    }

    @Test
    void putRevivesADeletedNameWithTheNextVersion() {
        agent.put("revived");
        agent.does("secret", "delete", "revived");
        Canary second = agent.put("revived");
        agent.assertDelivers("V", second, "--secret", "V=revived");
        agent.assertDelivers("V", second, "--secret", "V=revived@2");
    }

    @Test
    void purgeIsForGood() {
        agent.put("purged");
        agent.does("secret", "purge", "purged");
        assertMissing("purged");
        agent.admin("secret", "restore", "purged").run().exits(1);
    }

    @Test
    void purgesOneVersion() {
        agent.put("partly");
        Canary second = agent.put("partly");
        agent.does("secret", "purge", "partly", "1");
        assertMissing("partly@1");
        agent.assertDelivers("V", second, "--secret", "V=partly");
    }

    // ---- usage ----

    @Test
    void refusesUnknownCommandsAndOptionsWithStatusTwo() {
        agent.admin("no-such-command").run().exits(2);
        agent.admin("secret", "list", "--no-such-option").run().exits(2);
        agent.admin("secret", "put").run().exits(2);
    }

    @Test
    void saysWhatIsNotAvailableYetOrUnknown() {
        for (String command : List.of("refresh", "ui")) {
            int status = agent.admin(command).run().status();
            assertTrue(status == 1 || status == 2, () -> command + ": " + status);
        }
    }

    @Test
    void printsHelpAndVersion() {
        assertTrue(agent.does("--help").output().contains("secret"));
        assertFalse(agent.does("--version").output().isBlank());
    }

    @Test
    void namesTheSocketItTriedWhenNoAgentIsThere() {
        Finished finished = agent.admin(
                        "status",
                        "--admin-socket",
                        agent.folder().resolve("none.sock").toString())
                .run()
                .exits(1);
        finished.says("none.sock");
    }

    @Test
    void reportsWhatItServes() {
        agent.does("ready");
        JsonNode status = Json.parse(agent.does("status", "--format", "json").output());
        assertTrue(status.get("ready").asBoolean());
        for (String key : List.of("version", "uptime", "socket", "store", "providers", "probes")) {
            assertTrue(status.has(key), key);
        }
        assertArrayEquals(new byte[0], agent.does("status").err());
    }
}
