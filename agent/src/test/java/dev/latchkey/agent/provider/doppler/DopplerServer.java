package dev.latchkey.agent.provider.doppler;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;

/**
 * Answers as Doppler's API is published to (docs.doppler.com, "API" and "Secrets: Download", read in November 2026; the ETag as the vendor's own command
 * line of July 2026 uses it): a bearer token, project and config in the query unless a service token implies them, an object of texts, 304 for a known
 * ETag, and refusals as {@code {"messages": […], "success": false}}.
 */
final class DopplerServer implements AutoCloseable {
    static final String SERVICE_TOKEN = "dp.st.prd.of-the-config";
    static final String PERSONAL_TOKEN = "dp.pt.of-a-person";

    private final HttpServer server;
    final List<String> asked = new CopyOnWriteArrayList<>();
    volatile String secrets = "{}";
    volatile String tag = "W/\"1\"";

    DopplerServer() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/v3/configs/config/secrets/download", this::download);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.start();
    }

    String address() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    private void download(HttpExchange exchange) throws IOException {
        String known = exchange.getRequestHeaders().getFirst("If-None-Match");
        asked.add(exchange.getRequestURI().getQuery() + (known == null ? "" : " unless " + known));
        String token = String.valueOf(exchange.getRequestHeaders().getFirst("Authorization"));
        List<String> query = List.of(exchange.getRequestURI().getQuery().split("&", -1));
        if (!List.of("Bearer " + SERVICE_TOKEN, "Bearer " + PERSONAL_TOKEN).contains(token)) {
            refuse(exchange, 401, "Invalid Auth token");
        } else if (token.endsWith(PERSONAL_TOKEN) && query.stream().noneMatch(part -> part.startsWith("project="))) {
            refuse(exchange, 400, "You must specify a project");
        } else if (query.stream().anyMatch(part -> part.startsWith("config=") && !part.equals("config=prd"))) {
            refuse(exchange, 404, "Could not find requested config");
        } else if (tag.equals(known)) {
            exchange.sendResponseHeaders(304, -1);
            exchange.close();
        } else {
            exchange.getResponseHeaders().add("ETag", tag);
            send(exchange, 200, secrets);
        }
    }

    private static void refuse(HttpExchange exchange, int status, String message) throws IOException {
        send(exchange, status, "{\"messages\":[\"" + message + "\"],\"success\":false}");
    }

    private static void send(HttpExchange exchange, int status, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().add("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
