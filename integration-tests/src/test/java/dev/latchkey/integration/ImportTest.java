package dev.latchkey.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** {@code agent secret import} of the built agent, from files and from a backend. */
final class ImportTest {
    private static byte[] line(String name, Canary value) {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        line.writeBytes((name + "='").getBytes(StandardCharsets.UTF_8));
        line.writeBytes(hex(value));
        line.writeBytes("'\n".getBytes(StandardCharsets.UTF_8));
        return line.toByteArray();
    }

    private static byte[] hex(Canary value) {
        return HexFormat.of().formatHex(value.bytes()).getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void importsLinesThatLeaveNoTraceButTheSecret() {
        try (TestAgent agent = TestAgent.started()) {
            Canary one = agent.plant(Canary.random());
            Canary two = agent.plant(Canary.random());
            ByteArrayOutputStream lines = new ByteArrayOutputStream();
            lines.writeBytes(line("ONE", one));
            lines.writeBytes(line("TWO", two));
            Command command = agent.admin("secret", "import", "--format", "dotenv", "-");

            command.input(lines.toByteArray()).run().succeeds();

            agent.assertDelivers("ONE", hex(one), "--secret", "ONE");
            agent.assertDelivers("TWO", hex(two), "--secret", "TWO");
            agent.admin("secret", "import", "--format", "dotenv", "-", "--output", "json")
                    .input(lines.toByteArray())
                    .run()
                    .succeeds();
            assertEquals("ONE TWO", names(agent, "default"));
        }
    }

    private static String names(TestAgent agent, String environment) {
        JsonNode all = Json.parse(agent.does("secret", "list", "--environment", environment, "--format", "json")
                .output());
        return String.join(
                " ", all.valueStream().map(s -> s.get("name").asString()).toList());
    }

    @Test
    void aNameThatIsThereStopsAllUnlessToldOtherwise() {
        try (TestAgent agent = TestAgent.started()) {
            agent.store("A", "1");
            agent.write("new.env", "B=2\nA=other\n");
            String file = agent.folder().resolve("new.env").toString();

            Finished refused = agent.admin("secret", "import", file).run().exits(1);
            assertTrue(refused.errors().contains("nothing was stored"), refused::toString);
            assertEquals("A", names(agent, "default"));
            Finished dry = agent.does("secret", "import", file, "--on-existing", "skip", "--dry-run");
            assertTrue(dry.output().contains("1 created, 1 skipped"), dry::toString);
            assertEquals("A", names(agent, "default"));
            agent.does("secret", "import", file, "--on-existing", "skip");
            agent.assertDelivers("A", "1".getBytes(StandardCharsets.UTF_8), "--secret", "A");
            agent.does("secret", "import", file, "--on-existing", "new-version");
            agent.assertDelivers("A", "other".getBytes(StandardCharsets.UTF_8), "--secret", "A");
            Finished again = agent.does("secret", "import", file);
            assertTrue(again.output().contains("2 unchanged"), again::toString);
            agent.does("audit", "verify");
        }
    }

    @Test
    void usesTheExitStatusesOfTheOtherCommands() {
        try (TestAgent agent = TestAgent.started()) {
            agent.write("what", "A=1\n");
            agent.write("bad.json", "{\"a b\": \"x\", \"c/d\": null}");
            agent.admin("secret", "import").run().exits(2);
            agent.admin("secret", "import", agent.folder().resolve("what").toString())
                    .run()
                    .exits(2);
            agent.admin("secret", "import", "--format", "xml", "-").run().exits(2);
            agent.admin("secret", "import", "nowhere:a/").run().exits(1);
            Finished both = agent.admin(
                            "secret",
                            "import",
                            agent.folder().resolve("bad.json").toString())
                    .run()
                    .exits(1);
            assertTrue(both.output().contains("2 refused"), both::toString);
            agent.stop();
            agent.admin("secret", "import", "--format", "dotenv", "-")
                    .input("A=1\n".getBytes(StandardCharsets.UTF_8))
                    .run()
                    .exits(1);
        }
    }

    @Test
    void bringsWhatABackendHasBelowAPrefix() {
        try (TestAgent agent = TestAgent.prepared()) {
            Canary token = agent.plant(Canary.random());
            Canary value = agent.plant(Canary.random());
            String tokenText = Base64.getUrlEncoder().withoutPadding().encodeToString(token.bytes());
            String text = new String(hex(value), StandardCharsets.UTF_8);
            try (TestVault vault = TestVault.started(tokenText)) {
                vault.write("apps/web", "{\"api_key\":\"" + text + "\",\"port\":1}");
                vault.write("apps/deep/er", "{\"value\":\"only\"}");
                vault.write("other", "{\"value\":\"not this\"}");
                agent.env("VAULT_TEST_TOKEN", tokenText)
                        .configured("providers:\n  store: {type: store}\n"
                                + vault.yaml("${VAULT_TEST_TOKEN}", "").indent(2))
                        .start();

                Finished dry = agent.does("secret", "import", "vault:apps/", "--fields", "--dry-run");
                assertTrue(dry.output().contains("3 created"), dry::toString);
                assertEquals("", names(agent, "default"));
                agent.does("secret", "import", "vault:apps/", "--fields");
                assertEquals("deep.er web.api_key web.port", names(agent, "default"));
                agent.assertDelivers("K", hex(value), "--secret", "K=web.api_key");
                Finished again = agent.does("secret", "import", "vault:apps/", "--fields", "--output", "json");
                assertEquals(3, Json.parse(again.output()).get("unchanged").asInt(), again::toString);
                assertTrue(audit(agent).contains("vault:apps/web@1"), "the fetched version is not recorded");
                for (String secret : List.of("vault:apps/deep/er", "default/default/deep.er")) {
                    Finished records = agent.does("audit", "query", "--secret", secret, "--kind", "admin");
                    assertTrue(records.output().contains("provider import"), records::toString);
                }
            }
            Finished gone = agent.admin("secret", "import", "vault:apps/").run().exits(1);
            assertFalse(gone.output().contains("created"), gone::toString);
        }
    }

    /** More than one second can store, so that there is a middle. */
    private static final int MANY = 200;

    @Test
    void saysWhatItStoredBeforeTheAgentWentAway() {
        try (TestAgent agent = TestAgent.started()) {
            CompletableFuture<Finished> running = importOfMany(agent).later();
            Await.until("the third is stored", () -> audit(agent).contains("default/default/N2@1"));
            agent.killHard();

            Finished broken = running.join().exits(1);
            JsonNode report = Json.parse(broken.output());
            List<String> stored = named("created", report);
            assertTrue(stored.size() >= 2 && stored.size() < MANY, broken::toString);
            assertEquals(MANY - stored.size(), report.get("waiting").asInt(), broken::toString);
            List<JsonNode> explained = report.get("secrets")
                    .valueStream()
                    .filter(line -> line.hasNonNull("reason"))
                    .toList();
            assertEquals(1, explained.size(), broken::toString);
            assertEquals("waiting", explained.getFirst().get("outcome").asString());
            String reason = explained.getFirst().get("reason").asString();
            assertTrue(reason.contains(agent.state() + "/admin.sock"), reason);
            assertTrue(reason.endsWith("; the same command again tells whether it is stored"), reason);

            agent.start();
            assertGoesOn(agent, stored, explained.getFirst().get("name").asString());
        }
    }

    /** What the report said is stored is there; of the one that was on its way this tells which. */
    private static void assertGoesOn(TestAgent agent, List<String> stored, String onItsWay) {
        Finished again = importOfMany(agent).run().succeeds();
        List<String> unchanged = new ArrayList<>(named("unchanged", Json.parse(again.output())));
        assertTrue(unchanged.containsAll(stored), again::toString);
        unchanged.removeAll(stored);
        unchanged.remove(onItsWay);
        assertEquals(List.of(), unchanged, again::toString);
        assertEquals(MANY, names(agent, "default").split(" ", -1).length);
    }

    private static Command importOfMany(TestAgent agent) {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < MANY; i++) {
            lines.append('N').append(i).append("=value-").append(i).append('\n');
        }
        return agent.admin("secret", "import", "--format", "dotenv", "-", "--output", "json")
                .input(lines.toString());
    }

    private static List<String> named(String outcome, JsonNode report) {
        return report.get("secrets")
                .valueStream()
                .filter(line -> line.get("outcome").asString().equals(outcome))
                .map(line -> line.get("name").asString())
                .toList();
    }

    private static String audit(TestAgent agent) {
        try {
            return Files.readString(agent.audit());
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void bringsWhatFilesAndOtherEnvironmentsHave() throws IOException {
        try (TestAgent agent = TestAgent.prepared()) {
            Files.createDirectories(agent.folder().resolve("creds/db"));
            Files.setPosixFilePermissions(
                    agent.write("creds/db/password", "p"), PosixFilePermissions.fromString("rw-------"));
            agent.configured("providers: {store: {type: store}, files: {type: file, root: creds}}\n")
                    .start();
            agent.does("environment", "create", "staging");

            agent.does("secret", "import", "files:", "--environment", "staging");
            agent.does("secret", "import", "store:default/staging/");

            assertEquals("db.password", names(agent, "default"));
            agent.store("scoped", "s", "--environment", "staging", "--scope", "service");
            Finished scoped = agent.admin("secret", "import", "store:default/staging/")
                    .run()
                    .exits(1);
            assertTrue(scoped.output().contains("has scopes"), scoped::toString);
            assertEquals("db.password", names(agent, "default"));
        }
    }
}
