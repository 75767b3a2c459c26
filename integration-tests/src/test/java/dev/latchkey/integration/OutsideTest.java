package dev.latchkey.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What a launch says of outside systems, and what the agent's own configuration takes from the store. */
final class OutsideTest {
    private static final String STORE = "providers:\n  store: {type: store}\n";

    private static String text(Canary canary) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(canary.bytes());
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void aBackendsTokenLivesInTheStoreAndIsRotatedWithAReload() {
        try (TestAgent agent = TestAgent.prepared()) {
            String token = text(agent.plant(Canary.random()));
            try (TestVault vault = TestVault.started(token)) {
                vault.write("web", "{\"value\":\"from the backend\"}");
                String yaml = STORE + vault.yaml("${secret:vault-token}", "").indent(2) + "cache: {ttl: 1ms}\n";
                Finished missing = agent.configured(yaml).runCommand().run().exits(1);
                assertTrue(missing.toString().contains("vault-token"), missing::toString);
                agent.configured(STORE).start();
                agent.store("vault-token", token);
                agent.stop();
                agent.configured(yaml).start();
                agent.assertDelivers("V", bytes("from the backend"), "--secret", "V=vault:web");

                agent.admin("secret", "rotate", "vault-token")
                        .input(bytes("a-token-of-nobody"))
                        .run()
                        .succeeds();
                agent.assertDelivers("V", bytes("from the backend"), "--secret", "V=vault:web");
                agent.signal("HUP");
                Await.until(
                        "the new token is in force",
                        () -> agent.launch("--secret", "V=vault:web", "--", "true")
                                        .status()
                                == 123);
                agent.does("secret", "rollback", "vault-token", "1");
                agent.signal("HUP");
                Await.until(
                        "the old token is in force again",
                        () -> agent.launch("--secret", "V=vault:web", "--", "true")
                                        .status()
                                == 0);
            }
        }
    }

    @Test
    void typedConnectionsAreNamedWithTheirTypes() {
        try (TestAgent agent = TestAgent.prepared()) {
            agent.write(".bruin.yml", """
                    environments:
                      default:
                        connections:
                          generic: [{name: KEY, value: plain}]
                          postgres: [{name: warehouse, host: h, port: 5432}]
                    """);
            agent.configured(STORE + "  bruin: {type: bruin-file, path: .bruin.yml}\ndefault-provider: bruin\n")
                    .start();
            agent.write("asset.py", """
                    \"""@bruin
                    name: a
                    connection: warehouse
                    secrets:
                      - key: KEY
                      - key: warehouse
                        inject_as: OTHER
                    @bruin\"""
                    """);
            String asset = agent.folder().resolve("asset.py").toString();

            Environment environment =
                    Environment.parse(agent.launch("--bindings", asset, "--", "cat", "/proc/self/environ")
                            .succeeds()
                            .out());

            assertEquals("plain", environment.text("KEY"));
            assertEquals("{\"name\":\"warehouse\",\"host\":\"h\",\"port\":5432}", environment.text("OTHER"));
            assertEquals(environment.text("OTHER"), environment.text("warehouse"));
            JsonNode types = Json.parse(Objects.requireNonNull(environment.text("BRUIN_CONNECTION_TYPES")));
            assertEquals("postgres", types.get("warehouse").asString());
            assertEquals("postgres", types.get("OTHER").asString());
            assertEquals("generic", types.path("KEY").asString("generic"));
        }
    }

    @Test
    void offlineServesWhatIsKeptAndMaxAgeSaysHowOldItMayBe() {
        try (TestAgent agent = TestAgent.prepared()) {
            String token = text(agent.plant(Canary.random()));
            try (TestVault vault = TestVault.started(token)) {
                vault.write("web", "{\"value\":\"first\"}");
                agent.env("VAULT_TEST_TOKEN", token)
                        .configured(
                                STORE + vault.yaml("${VAULT_TEST_TOKEN}", "").indent(2)
                                        + "cache: {ttl: 1h, stale-if-error: 1h}\n")
                        .start();
                agent.launch("--offline", "--secret", "V=vault:web", "--", "true")
                        .refuses(123, "nothing recent enough is in the cache");
                agent.assertDelivers("V", bytes("first"), "--secret", "V=vault:web");
                vault.write("web", "{\"value\":\"second\"}");
                agent.assertDelivers("V", bytes("first"), "--secret", "V=vault:web");
                agent.assertDelivers("V", bytes("first"), "--max-age", "30m", "--secret", "V=vault:web");
                agent.assertDelivers("V", bytes("second"), "--max-age", "0", "--secret", "V=vault:web");
            }
            agent.assertDelivers("V", bytes("second"), "--offline", "--secret", "V=vault:web");
            agent.assertDelivers("V", bytes("second"), "--secret", "V=vault:web");
            agent.launch("--max-age", "0", "--secret", "V=vault:web", "--", "true")
                    .refuses(123, "vault");
            agent.launch("--offline", "--max-age", "1ms", "--secret", "V=vault:web", "--", "true")
                    .refuses(123, "nothing recent enough is in the cache");
        }
    }

    @Test
    void filesAreAlwaysLookedUpAndNeverTooOld() throws IOException {
        try (TestAgent agent = TestAgent.prepared()) {
            Files.createDirectories(agent.folder().resolve("creds"));
            file(agent, "first");
            agent.configured(STORE + "  files: {type: file, root: creds}\n").start();

            agent.assertDelivers("T", bytes("first"), "--secret", "T=files:token");
            file(agent, "second");
            agent.assertDelivers("T", bytes("second"), "--offline", "--max-age", "1h", "--secret", "T=files:token");
        }
    }

    private static void file(TestAgent agent, String content) throws IOException {
        Files.setPosixFilePermissions(
                agent.write("creds/token", content), PosixFilePermissions.fromString("rw-------"));
    }

    @Test
    void variablesOfTheEnvironmentNameTheBackend() {
        try (TestAgent agent = TestAgent.prepared()) {
            agent.write(".env", "TOKEN=of the file\n");
            agent.configured(STORE + "  dot: {type: dotenv, path: .env}\n").start();
            agent.store("TOKEN", "of the store");

            assertEquals("of the store", token(agent));
            assertEquals("of the file", token(agent, "LATCHKEY_SECRETS_BACKEND", "dot"));
            assertEquals("of the file", token(agent, "BRUIN_SECRETS_BACKEND", "dot"));
            assertEquals(
                    "of the store", token(agent, "LATCHKEY_SECRETS_BACKEND", "store", "BRUIN_SECRETS_BACKEND", "dot"));
            assertEquals("of the file", token(agent, "LATCHKEY_SECRETS_BACKEND", "", "BRUIN_SECRETS_BACKEND", "dot"));
            agent.launcher(
                            "--secrets-backend",
                            "dot",
                            "--secret",
                            "T=store:TOKEN",
                            "--",
                            "sh",
                            "-c",
                            "printf %s \"$T\"")
                    .run()
                    .prints("of the store");
            agent.launcher("--secret", "T=TOKEN", "--", "true")
                    .env("BRUIN_SECRETS_BACKEND", "vault")
                    .run()
                    .refuses(125, "unknown provider", "dot");
        }
    }

    private static String token(TestAgent agent, String... variables) {
        Command command = agent.launcher("--secret", "T=TOKEN", "--", "/bin/sh", "-c", "printf %s \"$T\"");
        for (int i = 0; i < variables.length; i += 2) {
            command.env(variables[i], variables[i + 1]);
        }
        return command.run().succeeds().output();
    }

    @Test
    void anOperatorsFileIsServedAsItIs() {
        try (TestAgent agent = TestAgent.prepared()) {
            agent.write("app.yaml", """
                    server: {port: 8080}
                    secrets:
                      DATABASE_URL: postgresql://app:${db_password}@${DB_HOST:-localhost}:5432/app
                      db_password: ${secret:db-password}
                    """);
            agent.configured(STORE + "  conf: {type: documents, path: app.yaml}\n")
                    .start();
            Canary password = agent.plant(Canary.random());
            agent.store("db-password", text(password));

            agent.assertDelivers(
                    "URL",
                    bytes("postgresql://app:" + text(password) + "@localhost:5432/app"),
                    "--secret",
                    "URL=conf:DATABASE_URL");
            agent.does("secret", "delete", "db-password");
            agent.launch("--secret", "URL=conf:DATABASE_URL", "--", "true").refuses(122, "app.yaml:4:");
            Finished suggestion = agent.launch("--secret", "URL=conf:DATABASE_URI", "--", "true")
                    .refuses(122);
            assertTrue(suggestion.errors().contains("did you mean conf:DATABASE_URL?"), suggestion::toString);
        }
    }
}
