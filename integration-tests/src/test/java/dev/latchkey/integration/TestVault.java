package dev.latchkey.integration;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A key/value engine of version 2: a development server of {@code bao} or {@code vault} in PATH, otherwise a small stand-in that answers as one does. Its address
 * stays the same when it is stopped.
 */
final class TestVault implements AutoCloseable {
    private static final String DATA = "/v1/secret/data/";
    private static final String METADATA = "/v1/secret/metadata/";

    private final int port;
    private final String token;
    private final Runnable stop;

    private TestVault(int port, String token, Runnable stop) {
        this.port = port;
        this.token = token;
        this.stop = stop;
    }

    /**
     * @param token of whoever may do everything
     */
    static TestVault started(String token) {
        return real(token).orElseGet(() -> standIn(token));
    }

    /** A development server of {@code bao} or {@code vault}; absent where there is none. */
    static Optional<TestVault> real(String token) {
        return Stream.of("bao", "vault").filter(Machine::has).findFirst().map(program -> real(program, token));
    }

    private static TestVault real(String program, String token) {
        int port = freePort();
        try {
            Process process = new ProcessBuilder(
                            program,
                            "server",
                            "-dev",
                            "-dev-no-store-token",
                            "-dev-root-token-id=" + token,
                            "-dev-listen-address=127.0.0.1:" + port)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            TestVault vault = new TestVault(port, token, () -> end(process));
            Await.until("the server is ready", () -> vault.status("GET", "/v1/sys/health", "") == 200);
            return vault;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void end(Process process) {
        process.destroyForcibly();
        try {
            process.waitFor(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static int freePort() {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static TestVault standIn(String token) {
        try {
            HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            StandIn standIn = new StandIn(token, new ConcurrentSkipListMap<>(), new TreeMap<>());
            server.createContext("/", standIn::answer);
            server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
            server.start();
            return new TestVault(server.getAddress().getPort(), token, () -> server.stop(0));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Stores an object of fields. */
    void write(String path, String json) {
        int status = status("POST", DATA + path, "{\"data\":" + json + "}");
        if (status != 200) {
            throw new IllegalStateException("the server answers " + status);
        }
    }

    /** As its owner, who must be allowed. */
    void does(String path, String body) {
        int status = status("POST", path, body);
        if (status >= 300) {
            throw new IllegalStateException(path + " is answered with " + status);
        }
    }

    /** An entry of {@code providers:}, whose token is what that text means in agent.yaml. */
    String yaml(String tokenText, String more) {
        return "vault: {type: vault, address: 'http://127.0.0.1:" + port + "', auth: {method: token, token: '"
                + tokenText + "'}, retries: 0" + more + "}";
    }

    private int status(String method, String path, String body) {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .header("X-Vault-Token", token)
                .method(method, HttpRequest.BodyPublishers.ofString(body))
                .build();
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
        } catch (IOException notYet) {
            return 0;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        stop.run();
    }

    /** Keeps the objects and how often each was written. */
    private record StandIn(String token, Map<String, String> objects, Map<String, Integer> versions) {
        void answer(HttpExchange exchange) throws IOException {
            String path = exchange.getRequestURI().getPath();
            byte[] body = exchange.getRequestBody().readAllBytes();
            boolean known = token.equals(exchange.getRequestHeaders().getFirst("X-Vault-Token"));
            Optional<String> answer = !known
                    ? Optional.of("")
                    : answer(exchange.getRequestMethod(), path, new String(body, StandardCharsets.UTF_8));
            byte[] bytes = answer.orElse("{\"errors\":[]}").getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(
                    !known ? 403 : answer.isPresent() ? 200 : 404, bytes.length == 0 ? -1 : bytes.length);
            exchange.getResponseBody().write(bytes);
            exchange.close();
        }

        private synchronized Optional<String> answer(String method, String path, String body) {
            if (path.equals("/v1/auth/token/lookup-self")) {
                return Optional.of("{\"data\":{\"ttl\":0}}");
            }
            if (path.startsWith(METADATA)) {
                return list(path.substring(METADATA.length()));
            }
            String name = path.substring(DATA.length());
            if (method.equals("POST")) {
                objects.put(name, body.substring("{\"data\":".length(), body.length() - 1));
                versions.merge(name, 1, Integer::sum);
                return Optional.of("{}");
            }
            return Optional.ofNullable(objects.get(name))
                    .map(object -> "{\"data\":{\"data\":" + object + ",\"metadata\":{\"version\":" + versions.get(name)
                            + "}}}");
        }

        private Optional<String> list(String prefix) {
            List<String> keys = objects.keySet().stream()
                    .filter(name -> name.startsWith(prefix))
                    .map(name -> name.substring(prefix.length()))
                    .map(name -> name.contains("/") ? name.substring(0, name.indexOf('/') + 1) : name)
                    .distinct()
                    .map(name -> "\"" + name + "\"")
                    .toList();
            return keys.isEmpty()
                    ? Optional.empty()
                    : Optional.of(keys.stream().collect(Collectors.joining(",", "{\"data\":{\"keys\":[", "]}}")));
        }
    }
}
