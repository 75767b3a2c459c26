package dev.latchkey.agent.provider.azure;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.function.Function;

/**
 * A vault, an authority and the two places that give managed identities, as they are published: Key Vault's data plane 7.6, the client credentials grant of
 * Microsoft Entra, the metadata service 2018-02-01 and the endpoint of App Service 2019-08-01 (learn.microsoft.com, read in November 2026).
 */
public final class AzureServer implements AutoCloseable {
    public static final String TENANT = "72f988bf-86f1-41af-91ab-2d7cd011db47";
    public static final String CLIENT = "00001111-aaaa-2222-bbbb-3333cccc4444";
    public static final String RESOURCE = "https://vault.azure.net";
    public static final String VERSION = "4387e9f3d6e14c459867679a90fd0f79";

    private final HttpServer server;
    private final Map<String, Answer> answers = new ConcurrentHashMap<>();
    private final Map<String, Function<String, Answer>> operations = new ConcurrentHashMap<>();
    public final List<String> asked = new CopyOnWriteArrayList<>();
    public final List<String> forms = new CopyOnWriteArrayList<>();
    public volatile String token = "token-1";
    public volatile String lifetime = "\"expires_in\":3599";
    public volatile String challenge =
            "Bearer authorization=\"https://127.0.0.1/" + TENANT + "\", resource=\"" + RESOURCE + "\"";
    public volatile Answer login = new Answer(200, "");

    /** What it says to a request. */
    public record Answer(int status, String body) {}

    public AzureServer() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        server.createContext("/", this::vault);
        server.createContext("/" + TENANT + "/oauth2/v2.0/token", this::authority);
        server.createContext("/metadata/identity/oauth2/token", exchange -> managed(exchange, "Metadata", "true"));
        server.createContext("/msi/token", exchange -> managed(exchange, "X-IDENTITY-HEADER", "of-the-app"));
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.start();
    }

    public String address() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    public void answers(String path, int status, String body) {
        answers.put(path, new Answer(status, body));
    }

    /** What it makes of a body that is sent there. */
    public void does(String path, Function<String, Answer> operation) {
        operations.put(path, operation);
    }

    public void holds(String name, String value, String attributes) {
        answers(
                "/secrets/" + name,
                200,
                "{\"value\":\"" + value + "\",\"id\":\"https://example.vault.azure.net/secrets/" + name + "/" + VERSION
                        + "\",\"attributes\":{\"enabled\":true,\"created\":1493938410,\"updated\":1493938410"
                        + attributes
                        + "}}");
    }

    private void vault(HttpExchange exchange) throws IOException {
        byte[] body = exchange.getRequestBody().readAllBytes();
        asked.add(exchange.getRequestMethod() + " " + exchange.getRequestURI()
                + (body.length == 0 ? "" : " " + new String(body, StandardCharsets.UTF_8)));
        if (!("Bearer " + token).equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
            exchange.getResponseHeaders().add("WWW-Authenticate", challenge);
            send(exchange, new Answer(401, "{\"error\":{\"code\":\"Unauthorized\",\"message\":\"words-of-theirs\"}}"));
            return;
        }
        Function<String, Answer> operation =
                operations.get(exchange.getRequestURI().getPath());
        if (operation != null) {
            send(exchange, operation.apply(new String(body, StandardCharsets.UTF_8)));
            return;
        }
        Answer answer = answers.getOrDefault(
                exchange.getRequestURI().getPath(),
                new Answer(404, "{\"error\":{\"code\":\"SecretNotFound\",\"message\":\"words-of-theirs\"}}"));
        boolean pinned = exchange.getRequestURI().getQuery().endsWith("api-version=7.6");
        send(exchange, pinned ? answer : new Answer(400, "{}"));
    }

    private void authority(HttpExchange exchange) throws IOException {
        forms.add(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
        boolean form = "application/x-www-form-urlencoded"
                .equals(exchange.getRequestHeaders().getFirst("Content-Type"));
        send(exchange, login.status() != 200 ? login : form ? granted() : new Answer(400, "{}"));
    }

    private void managed(HttpExchange exchange, String header, String expected) throws IOException {
        forms.add(exchange.getRequestURI().getPath() + "?"
                + exchange.getRequestURI().getRawQuery());
        boolean own = expected.equals(exchange.getRequestHeaders().getFirst(header));
        send(exchange, login.status() != 200 ? login : own ? granted() : new Answer(403, "{}"));
    }

    private Answer granted() {
        return new Answer(200, "{\"token_type\":\"Bearer\"," + lifetime + ",\"access_token\":\"" + token + "\"}");
    }

    private static void send(HttpExchange exchange, Answer answer) throws IOException {
        byte[] bytes = answer.body().getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().add("Content-Type", "application/json; charset=utf-8");
        exchange.sendResponseHeaders(answer.status(), bytes.length == 0 ? -1 : bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
