package dev.latchkey.agent.backend.vault;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.latchkey.agent.config.NetworkConfig;
import dev.latchkey.agent.config.VaultConfig;
import dev.latchkey.agent.policy.RuleLimits;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What becomes of a session whose provider left the configuration, beside one that stayed: tokens of both live for two seconds. */
class RetiredSessionTest {
    private static final Duration WITHIN = Duration.ofSeconds(10);
    private static final String RENEWAL = "/v1/auth/token/renew-self";

    private final Map<String, Integer> asked = new ConcurrentHashMap<>();
    private final CountDownLatch stayedRenewed = new CountDownLatch(2);
    private HttpServer server;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    /** A user's token is called like the user. */
    private void answer(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        String token = Optional.ofNullable(exchange.getRequestHeaders().getFirst("X-Vault-Token"))
                .orElse(path.substring(path.lastIndexOf('/') + 1));
        asked.merge(token + " " + path, 1, Integer::sum);
        byte[] body = "{\"auth\":{\"client_token\":\"%s\",\"lease_duration\":2,\"renewable\":true},\"data\":{}}"
                .formatted(token)
                .getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(200, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
        if (path.equals(RENEWAL) && token.equals("stayed")) {
            stayedRenewed.countDown();
        }
    }

    private VaultClient client(String user) {
        NetworkConfig network = new NetworkConfig(Optional.empty(), WITHIN, 0, RuleLimits.NONE);
        String address = "http://127.0.0.1:" + server.getAddress().getPort();
        VaultConfig config =
                new VaultConfig(address, Optional.empty(), new VaultConfig.Auth.Userpass("userpass", user, "p"));
        return new VaultClient("vault", config, network, System::nanoTime);
    }

    private static void use(VaultClient client) {
        try (VaultClient.Answer answer = client.get("/v1/secret/data/x", WITHIN)) {
            assertTrue(answer.there());
        }
    }

    private int count(String user, String path) {
        return asked.getOrDefault(user + " " + path, 0);
    }

    @Test
    void leavesItsTokenToEndAndMakesAnotherOnlyForWhoeverStillAsks() throws InterruptedException {
        VaultClient stayed = client("stayed");
        VaultClient retired = client("retired");
        use(retired);
        use(stayed);
        retired.retire();

        assertTrue(stayedRenewed.await(30, TimeUnit.SECONDS), "one that stayed is renewed while nobody asks");
        assertEquals(0, count("retired", RENEWAL));
        assertEquals(1, count("retired", "/v1/auth/userpass/login/retired"));

        use(retired);
        assertEquals(2, count("retired", "/v1/auth/userpass/login/retired"), "its token had ended");
        assertEquals(2, count("retired", "/v1/secret/data/x"));
        stayed.retire();
    }
}
