package dev.latchkey.integration;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.function.BiConsumer;

/** Stands in for the management API of a RabbitMQ, as far as Vault's engine makes and removes users there. */
final class TestBroker implements AutoCloseable {
    private static final String USERS = "/api/users/";

    private final Set<String> users = ConcurrentHashMap.newKeySet();
    private final Set<String> ever = ConcurrentHashMap.newKeySet();
    private final HttpServer server;

    TestBroker() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.createContext("/", this::answer);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.start();
    }

    private void answer(HttpExchange exchange) throws IOException {
        exchange.getRequestBody().readAllBytes();
        String path = exchange.getRequestURI().getPath();
        if (path.startsWith(USERS) && exchange.getRequestMethod().equals("PUT")) {
            users.add(path.substring(USERS.length()));
            ever.add(path.substring(USERS.length()));
        } else if (path.startsWith(USERS) && exchange.getRequestMethod().equals("DELETE")) {
            users.remove(path.substring(USERS.length()));
        }
        exchange.sendResponseHeaders(204, -1);
        exchange.close();
    }

    /**
     * Has a server make users here under leases that end after so long.
     *
     * @param vault does what its owner posts: a path and a body
     */
    void serveUsersOf(BiConsumer<String, String> vault, String ttl) {
        vault.accept("/v1/sys/mounts/rabbitmq", "{\"type\":\"rabbitmq\"}");
        vault.accept(
                "/v1/rabbitmq/config/connection",
                "{\"connection_uri\":\"http://127.0.0.1:" + server.getAddress().getPort()
                        + "\",\"username\":\"owner\",\"password\":\"none\",\"verify_connection\":false}");
        vault.accept("/v1/rabbitmq/config/lease", "{\"ttl\":\"" + ttl + "\",\"max_ttl\":\"1h\"}");
        vault.accept("/v1/rabbitmq/roles/app", "{\"tags\":\"management\"}");
    }

    boolean has(String user) {
        return users.contains(user);
    }

    /** Users that there ever were. */
    int made() {
        return ever.size();
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
