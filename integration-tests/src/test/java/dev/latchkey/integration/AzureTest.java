package dev.latchkey.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.MGF1ParameterSpec;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.crypto.Cipher;
import javax.crypto.spec.OAEPParameterSpec;
import javax.crypto.spec.PSource;
import org.junit.jupiter.api.Test;

/** Secrets and the store's key in an Azure Key Vault, through the whole of agent and launcher. */
final class AzureTest {
    private static final String VERSION = "4387e9f3d6e14c459867679a90fd0f79";
    private static final String OLDER = "0123456789abcdef0123456789abcdef";

    /** A vault, its authority and the metadata service of a machine, as they are published to (data plane 7.6). */
    private static final class FakeAzure implements AutoCloseable {
        private static final Pattern VALUE = Pattern.compile("\"value\":\"([A-Za-z0-9_-]+)\"");

        private static final Pattern FROM = Pattern.compile("\\$skiptoken=([0-9]+)");

        private final HttpServer server;
        private final Map<String, KeyPair> versions = new ConcurrentHashMap<>();
        private final Map<String, String> secrets = new ConcurrentHashMap<>();
        private final List<String> asked = new CopyOnWriteArrayList<>();
        private final String token;
        private volatile String resource = "https://vault.azure.net";
        private volatile int status = 200;

        FakeAzure(String token) throws IOException {
            this.token = token;
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            server.createContext("/", this::vault);
            server.createContext("/metadata/identity/oauth2/token", this::grant);
            server.createContext("/tenant/oauth2/v2.0/token", this::grant);
            server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
            server.start();
        }

        String address() {
            return "http://127.0.0.1:" + server.getAddress().getPort();
        }

        void holds(String path, String value, String attributes) {
            String version = path.contains("/") ? "" : "/" + VERSION;
            secrets.put(
                    "/secrets/" + path,
                    "{\"value\":\"" + value + "\",\"id\":\"https://example.vault.azure.net/secrets/" + path + version
                            + "\",\"attributes\":{\"enabled\":true" + attributes + "}}");
        }

        private void grant(HttpExchange exchange) throws IOException {
            asked.add(exchange.getRequestURI().getPath());
            send(exchange, 200, "{\"access_token\":\"" + token + "\",\"expires_in\":\"3599\"}");
        }

        private void vault(HttpExchange exchange) throws IOException {
            String path = exchange.getRequestURI().getPath();
            asked.add(path);
            String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            if (!("Bearer " + token).equals(exchange.getRequestHeaders().getFirst("Authorization")) || status == 401) {
                exchange.getResponseHeaders().add("WWW-Authenticate", "Bearer resource=\"" + resource + "\"");
                send(exchange, 401, "{\"error\":{\"message\":\"words-of-theirs\"}}");
            } else if (status != 200) {
                send(exchange, status, "<html>words-of-theirs</html>");
            } else if (path.equals("/secrets")) {
                send(exchange, 200, list(exchange.getRequestURI().getRawQuery()));
            } else if (path.startsWith("/keys/")) {
                key(exchange, path.split("/", -1), body);
            } else {
                String secret = secrets.get(path);
                send(exchange, secret == null ? 404 : 200, secret == null ? "{}" : secret);
            }
        }

        /** Two to a page, the last disabled. */
        private String list(String query) {
            List<String> names = secrets.keySet().stream()
                    .filter(path -> path.split("/", -1).length == 3)
                    .sorted()
                    .toList();
            Matcher from = FROM.matcher(query);
            int begin = from.find() ? Integer.parseInt(from.group(1)) : 0;
            int end = Math.min(begin + 2, names.size());
            String items = names.subList(begin, end).stream()
                    .map(path -> "{\"id\":\"https://example.vault.azure.net" + path + "\",\"attributes\":{\"enabled\":"
                            + !path.equals(names.getLast()) + "}}")
                    .collect(Collectors.joining(","));
            // On another port, where nobody must be asked.
            String next = "\"https://127.0.0.1:1/secrets?api-version=7.6&$skiptoken=" + end + "&maxresults=2\"";
            return "{\"value\":[" + items + "],\"nextLink\":" + (end < names.size() ? next : "null") + "}";
        }

        private void key(HttpExchange exchange, String[] path, String body) throws IOException {
            if (path[3].equals("versions")) {
                String items = String.join(
                        ",", versions.keySet().stream().map(FakeAzure::item).toList());
                send(exchange, 200, "{\"value\":[" + items + "],\"nextLink\":null}");
                return;
            }
            Matcher value = VALUE.matcher(body);
            KeyPair pair = versions.get(path[3]);
            if (pair == null || !value.find()) {
                send(exchange, 404, "{}");
                return;
            }
            try {
                Cipher cipher = Cipher.getInstance("RSA/ECB/OAEPPadding");
                boolean wraps = path[4].equals("wrapkey");
                cipher.init(
                        wraps ? Cipher.ENCRYPT_MODE : Cipher.DECRYPT_MODE,
                        wraps ? pair.getPublic() : pair.getPrivate(),
                        new OAEPParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, PSource.PSpecified.DEFAULT));
                byte[] result = cipher.doFinal(Base64.getUrlDecoder().decode(value.group(1)));
                String text = Base64.getUrlEncoder().withoutPadding().encodeToString(result);
                send(exchange, 200, "{\"kid\":\"https://x/keys/kek/" + path[3] + "\",\"value\":\"" + text + "\"}");
            } catch (GeneralSecurityException e) {
                send(exchange, 400, "{\"error\":{\"code\":\"BadParameter\"}}");
            }
        }

        private static String item(String version) {
            return "{\"kid\":\"https://x/keys/kek/" + version + "\",\"attributes\":{\"enabled\":true,\"created\":"
                    + version.substring(0, 8).chars().sum() + "}}";
        }

        private static void send(HttpExchange exchange, int status, String body) throws IOException {
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, bytes.length);
            exchange.getResponseBody().write(bytes);
            exchange.close();
        }

        @Override
        public void close() {
            server.stop(0);
        }
    }

    private static TestAgent agent(FakeAzure azure, String yaml) {
        return TestAgent.prepared()
                .env("AZURE_POD_IDENTITY_AUTHORITY_HOST", azure.address())
                .configured(yaml.replace("ADDRESS", azure.address()))
                .start();
    }

    @Test
    void servesSecretsUnderAManagedIdentity() throws IOException {
        Canary token = Canary.random();
        Canary value = Canary.random();
        String text = Base64.getEncoder().encodeToString(value.bytes());
        try (FakeAzure azure = new FakeAzure(Base64.getEncoder().encodeToString(token.bytes()))) {
            azure.holds("db-password", text, "");
            azure.holds("db-password/" + OLDER, "{\\\"a\\\":\\\"" + text + "\\\"}", "");
            azure.holds("over", text, ",\"exp\":1000000000");
            azure.holds("root-password", text, "");
            String yaml = """
                    providers:
                      store: {type: store}
                      azure: {type: azure-key-vault, url: "ADDRESS", resource: "https://vault.azure.net", retries: 0}
                    workloads:
                      - {name: tests, match: {uid: %d}, allow: ["azure:*"], deny: ["azure:Root-*"]}
                    """.formatted(Machine.uid());
            try (TestAgent agent = agent(azure, yaml)) {
                agent.plant(token);
                agent.plant(value);

                agent.assertDelivers("V", value.bytes(), "--secret", "V=azure:db-password,decode=base64");
                agent.assertDelivers("V", value.bytes(), "--secret", "V=azure:DB-Password,decode=base64");
                agent.assertDelivers(
                        "V", value.bytes(), "--secret", "V=azure:db-password#a@" + OLDER + ",decode=base64");
                assertEquals(
                        List.of(
                                "/metadata/identity/oauth2/token",
                                "/secrets/db-password",
                                "/secrets/db-password/" + OLDER),
                        azure.asked);

                agent.launch("--secret", "V=azure:over", "--", "true").refuses(122, "expired at 2001-09-09T01:46:40Z");
                agent.launch("--secret", "V=azure:none", "--", "true").refuses(122, "not found in azure");
                agent.launch("--secret", "V=azure:ROOT-password", "--", "true").refuses(121);
                agent.launch("--secret", "V=azure:db@7", "--", "true").refuses(125, "32 hexadecimal digits");
            }
        }
    }

    @Test
    void importsAVaultPageByPage() throws IOException {
        Canary value = Canary.random();
        String text = Base64.getEncoder().encodeToString(value.bytes());
        try (FakeAzure azure = new FakeAzure("token")) {
            for (String name : List.of("a", "b", "c", "d", "off")) {
                azure.holds(name, text, "");
            }
            String yaml = """
                    providers:
                      store: {type: store}
                      azure: {type: azure-key-vault, url: "ADDRESS", resource: "https://vault.azure.net", retries: 0}
                    """;
            try (TestAgent agent = agent(azure, yaml)) {
                agent.plant(value);
                Finished done = agent.does("secret", "import", "azure:");
                assertTrue(done.output().contains("4 created, 1 skipped"), done::toString);
                assertTrue(done.output().contains("disabled in azure"), done::toString);
                agent.assertDelivers("V", value.bytes(), "--secret", "V=d,decode=base64");
                Finished below =
                        agent.admin("secret", "import", "azure:apps/").run().exits(1);
                assertTrue(below.errors().contains("write azure: for all of them"), below::toString);
                azure.status = 403;
                Finished denied =
                        agent.admin("secret", "import", "azure:").run().exits(1);
                assertTrue(denied.errors().contains("azure does not let the agent list what it has (403)"));
                assertFalse((denied + agent.log()).contains("words-of-theirs"), denied::toString);
            }
        }
    }

    @Test
    void aVaultThatWantsAnothersTokenGetsNone() throws IOException {
        try (FakeAzure azure = new FakeAzure("token")) {
            String yaml = """
                    providers:
                      store: {type: store}
                      azure: {type: azure-key-vault, url: "ADDRESS", authority: "ADDRESS", resource: "https://vault.azure.net", retries: 0, auth: {method: client-credentials, tenant: tenant, client-id: c, client-secret: s}}
                    """;
            try (TestAgent agent = agent(azure, yaml)) {
                azure.status = 401;
                azure.resource = "https://graph.microsoft.com";
                Finished refused = agent.launch("--secret", "V=azure:db", "--", "true")
                        .refuses(123, "asks for a token of another domain than its own, and gets none");
                assertFalse((refused + agent.log()).contains("graph.microsoft"), refused::toString);
                assertEquals(List.of("/tenant/oauth2/v2.0/token", "/secrets/db"), azure.asked);

                azure.status = 429;
                Finished later =
                        agent.launch("--secret", "V=azure:other", "--", "true").refuses(123, "cannot answer now (429)");
                assertFalse((later + agent.log()).contains("words-of-theirs"), later::toString);
            }
        }
    }

    @Test
    void keepsTheStoresKeyInAVaultAndFollowsItsRotation() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        String second = "f".repeat(32);
        try (FakeAzure azure = new FakeAzure("token")) {
            azure.versions.put(OLDER, generator.generateKeyPair());
            String yaml = """
                    providers:
                      store: {type: store, key: [{type: azure-key-vault, key: kek, url: "ADDRESS", resource: "https://vault.azure.net", auth: {method: managed-identity}}]}
                    """;
            try (TestAgent agent = agent(azure, yaml)) {
                Canary canary = agent.put("own");
                agent.assertDelivers("V", canary, "--secret", "V=own");
                Finished status = agent.does("key", "status");
                assertTrue(status.output().contains("kek/" + OLDER), status::toString);
                assertEquals(0, agent.stop());

                azure.versions.put(second, generator.generateKeyPair());
                agent.start();
                agent.assertDelivers("V", canary, "--secret", "V=own");
                assertEquals(0, agent.stop());

                // Every data key is wrapped under the new version by now, so the old one may go.
                azure.versions.remove(OLDER);
                agent.start();
                agent.assertDelivers("V", canary, "--secret", "V=own");
                Finished rotated = agent.does("key", "status");
                assertTrue(rotated.output().contains("kek/" + second), rotated::toString);
                assertFalse(rotated.output().contains("kek/" + OLDER), rotated::toString);
            }
        }
    }
}
