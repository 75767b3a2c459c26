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
import java.nio.file.Files;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

/** Secrets of a config of Doppler, through the whole of agent and launcher. */
final class DopplerTest {
    /** Answers as Doppler's API is published to ("Secrets: Download"). */
    private static final class FakeDoppler implements AutoCloseable {
        private final HttpServer server;
        private final List<String> asked = new CopyOnWriteArrayList<>();
        private final String token;
        private volatile String secrets = "{}";
        private volatile String tag = "\"1\"";
        private volatile int status = 200;

        FakeDoppler(String token) throws IOException {
            this.token = token;
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            server.createContext("/v3/configs/config/secrets/download", this::download);
            server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
            server.start();
        }

        private void download(HttpExchange exchange) throws IOException {
            String known = exchange.getRequestHeaders().getFirst("If-None-Match");
            asked.add(exchange.getRequestURI().getQuery() + (known == null ? "" : " unless " + known));
            boolean own =
                    ("Bearer " + token).equals(exchange.getRequestHeaders().getFirst("Authorization"));
            if (!own || status != 200) {
                send(exchange, own ? status : 401, "{\"messages\":[\"words-of-theirs\"],\"success\":false}");
            } else if (tag.equals(known)) {
                exchange.sendResponseHeaders(304, -1);
                exchange.close();
            } else {
                exchange.getResponseHeaders().add("ETag", tag);
                send(exchange, 200, secrets);
            }
        }

        private static void send(HttpExchange exchange, int status, String body) throws IOException {
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, bytes.length);
            exchange.getResponseBody().write(bytes);
            exchange.close();
        }

        TestAgent agent(String cache) {
            TestAgent agent = TestAgent.prepared();
            return agent.env("DOPPLER_TEST_TOKEN", token)
                    .configured("""
                    providers:
                      store: {type: store}
                      doppler: {type: doppler, project: web, config: prd, token: "${DOPPLER_TEST_TOKEN}", address: "http://127.0.0.1:%d", retries: 0}
                    %s
                    """.formatted(server.getAddress().getPort(), cache))
                    .start();
        }

        @Override
        public void close() {
            server.stop(0);
        }
    }

    @Test
    void downloadsAConfigOnceForAllNames() throws IOException {
        Canary token = Canary.random();
        Canary first = Canary.random();
        Canary second = Canary.random();
        try (FakeDoppler doppler = new FakeDoppler(text(token))) {
            doppler.secrets = "{\"STRIPE_KEY\":\"" + text(first) + "\",\"DB\":\"{\\\"password\\\":\\\"" + text(second)
                    + "\\\"}\"}";
            try (TestAgent agent = doppler.agent("")) {
                agent.plant(token);
                agent.plant(first);
                agent.plant(second);

                agent.assertDelivers("A", first.bytes(), "--secret", "A=doppler:STRIPE_KEY,decode=base64");
                agent.assertDelivers(
                        "B", second.bytes(), "--secrets-backend", "doppler", "--secret", "B=DB#password,decode=base64");
                agent.launch("--secret", "A=doppler:NONE", "--secret", "B=doppler:OTHER", "--", "true")
                        .refuses(122, "not found in doppler");
                assertEquals(List.of("format=json&project=web&config=prd"), doppler.asked);

                agent.does("refresh", "doppler:STRIPE_KEY");
                assertEquals("format=json&project=web&config=prd unless \"1\"", doppler.asked.getLast());
                agent.launch("--secret", "A=doppler:STRIPE_KEY@2", "--", "true")
                        .refuses(125, "doppler has no versions");
                assertFalse(Files.readString(agent.audit()).contains("\"1\""), "the tag is told to nobody");
            }
        }
    }

    @Test
    void aChangedConfigIsTakenWholeAndAnOutageSurvivedAsConfigured() throws IOException {
        try (FakeDoppler doppler = new FakeDoppler("dp.st.t")) {
            doppler.secrets = "{\"A\":\"the first value\"}";
            try (TestAgent agent = doppler.agent("cache: {ttl: 1ms, stale-if-error: 1h, negative-ttl: 0}")) {
                byte[] first = "the first value".getBytes(StandardCharsets.UTF_8);
                byte[] changed = "the second value".getBytes(StandardCharsets.UTF_8);
                agent.assertDelivers("A", first, "--secret", "A=doppler:A");
                agent.assertDelivers("A", first, "--secret", "A=doppler:A");
                doppler.secrets = "{\"A\":\"the second value\"}";
                doppler.tag = "\"2\"";
                agent.assertDelivers("A", changed, "--secret", "A=doppler:A");

                doppler.status = 503;
                agent.assertDelivers("A", changed, "--secret", "A=doppler:A");
                assertTrue(agent.log().contains("served-stale"), agent::log);
                agent.launch("--secret", "A=doppler:B,default=x", "--", "true").refuses(123, "cannot answer now (503)");
                doppler.status = 403;
                Finished denied =
                        agent.launch("--secret", "A=doppler:A", "--", "true").refuses(123, "does not let the agent");
                assertFalse((denied + agent.log()).contains("words-of-theirs"), denied::toString);
                doppler.status = 503;
                agent.launch("--secret", "A=doppler:A", "--", "true").refuses(123);
            }
        }
    }

    @Test
    void importsAWholeConfig() throws IOException {
        Canary first = Canary.random();
        try (FakeDoppler doppler = new FakeDoppler("dp.st.t")) {
            doppler.secrets = "{\"STRIPE_KEY\":\"" + text(first) + "\",\"DB\":\"{\\\"password\\\":\\\"p\\\"}\"}";
            try (TestAgent agent = doppler.agent("")) {
                agent.plant(first);
                Finished done = agent.does("secret", "import", "doppler:", "--fields");
                assertTrue(done.output().contains("2 created"), done::toString);
                agent.assertDelivers("A", first.bytes(), "--secret", "A=STRIPE_KEY,decode=base64");
                agent.assertDelivers("A", "p".getBytes(StandardCharsets.UTF_8), "--secret", "A=DB.password");
                doppler.status = 403;
                Finished denied =
                        agent.admin("secret", "import", "doppler:").run().exits(1);
                assertTrue(denied.errors().contains("doppler does not let the agent have it (403)"), denied::toString);
            }
        }
    }

    private static String text(Canary canary) {
        return Base64.getEncoder().encodeToString(canary.bytes());
    }
}
