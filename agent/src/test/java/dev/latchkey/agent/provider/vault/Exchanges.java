package dev.latchkey.agent.provider.vault;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * Stands where a backend would: hands requests on to a real one and writes down what it answers, or answers what was written down, in the same order
 * for each method and path.
 */
public final class Exchanges implements AutoCloseable {
    private static final JsonFactory JSON = new JsonFactory();

    private final HttpServer server;
    private final Optional<URI> real;
    private final Path file;
    private final List<Answer> written = new ArrayList<>();
    private final Map<String, Deque<Answer>> known = new HashMap<>();
    final List<String> asked = new ArrayList<>();

    private record Answer(String request, int status, String retryAfter, String body) {}

    private Exchanges(Path file, Optional<URI> real) {
        this.file = file;
        this.real = real;
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.createContext("/", this::answer);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.start();
    }

    /** Answers what was written down. */
    public static Exchanges replayed(Path file) {
        Exchanges exchanges = new Exchanges(file, Optional.empty());
        exchanges
                .all()
                .forEach(a -> exchanges
                        .known
                        .computeIfAbsent(a.request(), _ -> new ArrayDeque<>())
                        .add(a));
        return exchanges;
    }

    /** Hands on, and writes down when it is closed, if that is asked for. */
    public static Exchanges recorded(Path file, URI real) {
        return new Exchanges(file, Optional.of(real));
    }

    /** How often that was asked: a method and a path. */
    public synchronized long count(String request) {
        return asked.stream().filter(request::equals).count();
    }

    public String address() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    private void answer(HttpExchange exchange) throws IOException {
        String request = exchange.getRequestMethod() + " " + exchange.getRequestURI();
        synchronized (this) {
            asked.add(request);
        }
        byte[] body = exchange.getRequestBody().readAllBytes();
        Answer answer = real.isPresent() ? fetched(real.get(), exchange, request, body) : next(request);
        if (!answer.retryAfter().isEmpty()) {
            exchange.getResponseHeaders().add("Retry-After", answer.retryAfter());
        }
        byte[] bytes = answer.body().getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(answer.status(), bytes.length == 0 ? -1 : bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    /** The last one is repeated. */
    private synchronized Answer next(String request) {
        Deque<Answer> answers = known.get(request);
        if (answers == null) {
            return new Answer(request, 599, "", "");
        }
        return answers.size() > 1 ? answers.removeFirst() : answers.getFirst();
    }

    private Answer fetched(URI to, HttpExchange exchange, String request, byte[] body) throws IOException {
        HttpRequest.Builder builder = HttpRequest.newBuilder(to.resolve(exchange.getRequestURI()))
                .method(exchange.getRequestMethod(), HttpRequest.BodyPublishers.ofByteArray(body));
        for (String header : List.of("X-Vault-Token", "X-Vault-Namespace", "X-Vault-Request")) {
            Optional.ofNullable(exchange.getRequestHeaders().getFirst(header))
                    .ifPresent(value -> builder.header(header, value));
        }
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpResponse<String> response = client.send(builder.build(), HttpResponse.BodyHandlers.ofString());
            Answer answer = new Answer(
                    request,
                    response.statusCode(),
                    response.headers().firstValue("Retry-After").orElse(""),
                    response.body());
            synchronized (this) {
                written.add(answer);
            }
            return answer;
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    private List<Answer> all() {
        if (!Files.exists(file)) {
            return List.of();
        }
        List<Answer> all = new ArrayList<>();
        try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), Files.readString(file))) {
            Map<String, String> fields = new HashMap<>();
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                if (token == JsonToken.VALUE_STRING) {
                    fields.put(parser.currentName(), parser.getString());
                } else if (token == JsonToken.END_OBJECT) {
                    all.add(new Answer(
                            fields.getOrDefault("request", ""),
                            Integer.parseInt(fields.getOrDefault("status", "0")),
                            fields.getOrDefault("retry-after", ""),
                            fields.getOrDefault("body", "")));
                    fields.clear();
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return all;
    }

    private void write() {
        try (var out = Files.newBufferedWriter(file);
                JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), out)) {
            json.writeStartArray();
            for (Answer answer : written) {
                json.writeRaw("\n");
                json.writeStartObject();
                json.writeStringProperty("request", answer.request());
                json.writeStringProperty("status", String.valueOf(answer.status()));
                json.writeStringProperty("retry-after", answer.retryAfter());
                json.writeStringProperty("body", answer.body().strip());
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeRaw("\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        server.stop(0);
        if (real.isPresent() && Boolean.getBoolean("latchkey.record")) {
            write();
        }
    }

    /** A program in PATH. */
    public static Optional<Path> program(String name) {
        return List.of(Optional.ofNullable(System.getenv("PATH")).orElse("").split(":", -1)).stream()
                .map(folder -> Path.of(folder, name))
                .filter(Files::isExecutable)
                .findFirst();
    }

    public static void await(Process process) {
        process.destroy();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
