package dev.latchkey.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Secrets from other places than the store, through the whole of agent and launcher. */
final class ProvidersTest {
    private static String yaml(String providers) {
        return "providers:\n  store: {type: store}\n" + providers.indent(2);
    }

    @Test
    void servesFilesByPolicy() throws IOException {
        try (TestAgent agent = TestAgent.prepared()) {
            Path root = Files.createDirectories(agent.folder().resolve("creds"));
            Canary canary = Canary.random();
            ownersOnly(agent.writeValue("creds/token", canary));
            ownersOnly(agent.write("creds/db.json", "{\"password\":\"by field\"}"));
            Files.createSymbolicLink(root.resolve("out"), Path.of("/etc/hostname"));
            agent.configured(yaml("files: {type: file, root: creds}") + """
                            workloads:
                              - {name: tests, match: {uid: %d}, allow: ["files:*"], deny: ["files:denied"]}
                            """.formatted(Machine.uid()))
                    .start();

            agent.assertDelivers("T", canary, "--secret", "T=files:token");
            agent.assertDelivers(
                    "P", "by field".getBytes(StandardCharsets.UTF_8), "--secret", "P=files:db.json#password");
            agent.launch("--secret", "T=files:none", "--", "true").refuses(122, "T=files:none");
            agent.launch("--secret", "T=files:denied", "--", "true").refuses(121, "T=files:denied");
            agent.launch("--secret", "T=files:../token", "--", "true").refuses(125);
            agent.launch("--secret", "T=files:out", "--", "true").refuses(123, "leads out of");
            Files.setPosixFilePermissions(root.resolve("token"), PosixFilePermissions.fromString("rw-r--r--"));
            agent.launch("--secret", "T=files:token", "--", "true").refuses(123, "0644");
            Finished explained = agent.admin("explain", "--uid", "" + Machine.uid(), "files:token", "files:denied")
                    .run()
                    .exits(1);
            assertTrue(explained.output().contains("deny"), explained::toString);
        }
    }

    private static void ownersOnly(Path file) throws IOException {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }

    @Test
    void anyProviderCanBeTheDefault() throws IOException {
        try (TestAgent agent = TestAgent.prepared()) {
            agent.write(".bruin.yml", """
                    environments:
                      default:
                        connections:
                          generic: [{name: KEY, value: "${TEST_KEY}"}]
                          postgres: [{name: pg, port: 5432}]
                    """);
            agent.write(".env", "export TOKEN='from dotenv'\n");
            agent.env("TEST_KEY", "from bruin")
                    .env("CRED_A", "from env")
                    .configured(yaml("""
                            bruin: {type: bruin-file, path: .bruin.yml}
                            dot: {type: dotenv, path: .env}
                            envs: {type: env, prefix: CRED_}
                            """) + "default-provider: bruin\n")
                    .start();

            assertDelivers(agent, "from bruin", "KEY");
            assertDelivers(agent, "{\"name\":\"pg\",\"port\":5432}", "KEY=pg");
            assertDelivers(agent, "5432", "KEY=pg#port");
            assertDelivers(agent, "from dotenv", "KEY=dot:TOKEN");
            assertDelivers(agent, "from env", "KEY=envs:A");
            agent.launch("--secret", "KEY=envs:CRED_A", "--", "true").refuses(122);
            Finished suggestion =
                    agent.launch("--secret", "KEY=dot:TOKN", "--", "true").refuses(122);
            assertTrue(suggestion.errors().contains("did you mean dot:TOKEN?"), suggestion::toString);
        }
    }

    private static void assertDelivers(TestAgent agent, String expected, String binding) {
        agent.assertDelivers("KEY", expected.getBytes(StandardCharsets.UTF_8), "--secret", binding);
    }

    /** A Vault that answers as told and counts. */
    private static final class FakeVault implements AutoCloseable {
        private final HttpServer server;
        private final AtomicInteger asked = new AtomicInteger();
        private volatile int status = 200;
        private volatile String body = "";

        FakeVault() throws IOException {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            server.createContext("/v1/auth/token/lookup-self", exchange -> {
                byte[] answer = "{\"data\":{\"ttl\":0}}".getBytes(StandardCharsets.UTF_8);
                exchange.sendResponseHeaders(200, answer.length);
                exchange.getResponseBody().write(answer);
                exchange.close();
            });
            server.createContext("/v1/secret/data/", exchange -> {
                asked.incrementAndGet();
                byte[] answer = body.getBytes(StandardCharsets.UTF_8);
                exchange.sendResponseHeaders(status, answer.length);
                exchange.getResponseBody().write(answer);
                exchange.close();
            });
            server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
            server.start();
        }

        void holds(String value) {
            status = 200;
            body = "{\"data\":{\"data\":{\"value\":\"" + value + "\"},\"metadata\":{\"version\":4}}}";
        }

        String yaml(String more) {
            return "vault: {type: vault, address: 'http://127.0.0.1:"
                    + server.getAddress().getPort() + "', auth: {method: token, token: '${VAULT_TEST_TOKEN}'}" + more
                    + "}";
        }

        @Override
        public void close() {
            server.stop(0);
        }
    }

    @Test
    void asksABackendOnceForAllLaunches() throws IOException {
        try (FakeVault vault = new FakeVault();
                TestAgent agent = TestAgent.prepared()) {
            Canary token = agent.plant(Canary.random());
            Canary value = agent.plant(Canary.random());
            String text = Base64.getEncoder().encodeToString(value.bytes());
            vault.holds(text);
            agent.env("VAULT_TEST_TOKEN", Base64.getEncoder().encodeToString(token.bytes()))
                    .configured(yaml(vault.yaml("")))
                    .start();

            IntStream.range(0, 8)
                    .parallel()
                    .forEach(_ -> agent.assertDelivers("V", value.bytes(), "--secret", "V=vault:web,decode=base64"));

            assertEquals(1, vault.asked.get());
            Finished status = agent.does("status", "--format", "json");
            JsonNode cache = Json.parse(status.output()).get("cache");
            assertTrue(cache.get("hits").asLong() + cache.get("misses").asLong() >= 8, status::toString);
            Finished refreshed = agent.does("refresh", "vault:web");
            assertTrue((refreshed.output() + refreshed.errors()).contains("4"), refreshed::toString);
            assertEquals(2, vault.asked.get());
        }
    }

    @Test
    void survivesAnOutageAsFarAsConfiguredAndSaysSo() throws Exception {
        try (FakeVault vault = new FakeVault();
                TestAgent agent = TestAgent.prepared()) {
            vault.holds("some text of the backend");
            agent.env("VAULT_TEST_TOKEN", "t")
                    .configured(yaml(vault.yaml(", retries: 0")) + "cache: {ttl: 1ms, stale-if-error: 1h}\n")
                    .start();
            byte[] expected = "some text of the backend".getBytes(StandardCharsets.UTF_8);
            agent.assertDelivers("V", expected, "--secret", "V=vault:web");

            vault.status = 503;
            vault.body = "words-of-theirs";
            agent.assertDelivers("V", expected, "--secret", "V=vault:web");
            assertTrue(agent.log().contains("served-stale"), agent::log);
            // The outcome is recorded after the value is handed over.
            Await.until("the outcome is recorded", () -> recorded(agent).contains("vault:web@4 (stale)"));
            Finished plan = agent.launch("--secret", "V=vault:web", "--dry-run").succeeds();
            assertTrue(plan.toString().contains("vault:web is stale"), plan::toString);

            agent.launch("--secret", "V=vault:other", "--", "true").refuses(123, "cannot answer now (503)");
            vault.status = 403;
            Finished denied =
                    agent.launch("--secret", "V=vault:web", "--", "true").refuses(123, "does not let the agent");
            assertFalse(denied.errors().contains("words-of-theirs"), denied::toString);
            vault.status = 503;
            agent.launch("--secret", "V=vault:web", "--", "true").refuses(123);
            vault.status = 404;
            vault.body = "{\"errors\":[]}";
            agent.launch("--secret", "V=vault:third", "--", "true").refuses(122, "not found in vault");
            assertFalse(agent.log().contains("words-of-theirs"), agent::log);
        }
    }

    @Test
    void aBackendThatIsAwayKeepsNobodyFromTheStore() throws IOException {
        try (TestAgent agent = TestAgent.prepared()) {
            agent.configured(
                            yaml(
                                    "vault: {type: vault, address: 'http://127.0.0.1:1', retries: 0, auth: {method: token, token: t}}"))
                    .start();
            Canary canary = agent.put("own");
            agent.assertDelivers("V", canary, "--secret", "V=own");
            agent.launch("--secret", "V=vault:web", "--", "true").refuses(123, "connection refused");
            IntStream.range(0, 5)
                    .forEach(_ -> agent.launch("--secret", "V=vault:web", "--", "true")
                            .refuses(123));
            Finished status = agent.does("status");
            assertTrue(status.output().contains("vault (vault): not asked for"), status::toString);
        }
    }

    private static String recorded(TestAgent agent) {
        try {
            return Files.readString(agent.audit());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
