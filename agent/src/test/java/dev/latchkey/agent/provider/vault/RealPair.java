package dev.latchkey.agent.provider.vault;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * An active node and a standby of {@code bao} or {@code vault}, which keep what they have in a PostgreSQL and do not talk to each other: {@code
 * disable_clustering}. Such a standby hands nothing on, and redirects.
 */
final class RealPair implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final RealPostgres postgres;
    private final Path folder;
    private final List<Process> processes = new ArrayList<>();
    private final List<String> addresses = new ArrayList<>();
    private final HttpClient http = HttpClient.newHttpClient();
    private String token = "";

    private RealPair(RealPostgres postgres) throws IOException {
        this.postgres = postgres;
        this.folder = Files.createTempDirectory(Path.of("/tmp"), "lkpair");
    }

    /** Absent where there is no such program, or no PostgreSQL. */
    static Optional<RealPair> find() {
        return Stream.of("bao", "vault")
                .flatMap(name -> Exchanges.program(name).stream())
                .findFirst()
                .flatMap(program -> RealPostgres.find().map(postgres -> started(program, postgres)));
    }

    private static RealPair started(Path program, RealPostgres postgres) {
        try {
            RealPair pair = new RealPair(postgres);
            boolean done = false;
            try {
                pair.start(program);
                done = true;
            } finally {
                if (!done) {
                    pair.close();
                }
            }
            return pair;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void start(Path program) throws IOException {
        run(program);
        String made = awaited(
                        "PUT", active() + "/v1/sys/init", "{\"secret_shares\":1,\"secret_threshold\":1}", List.of(200))
                .body();
        token = field(made, "root_token");
        String unseal = "{\"key\":\"" + field(made, "keys_base64") + "\"}";
        awaited("PUT", active() + "/v1/sys/unseal", unseal, List.of(200));
        awaited("GET", active() + "/v1/sys/health", "", List.of(200));
        run(program);
        awaited("PUT", standby() + "/v1/sys/unseal", unseal, List.of(200));
        awaited("GET", standby() + "/v1/sys/health", "", List.of(429));
    }

    private void run(Path program) throws IOException {
        int port = RealPostgres.freePort();
        String address = "127.0.0.1:" + port;
        Path config = Files.writeString(folder.resolve("node-" + port + ".json"), """
                {"storage": {"postgresql": {"connection_url": "%s", "ha_enabled": "true"}},
                 "listener": [{"tcp": {"address": "%s", "tls_disable": true}}],
                 "api_addr": "http://%s", "disable_clustering": true, "disable_mlock": true}
                """.formatted(
                        postgres.url(postgres.owner(), "none"), address, address));
        processes.add(new ProcessBuilder(program.toString(), "server", "-config=" + config)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start());
        addresses.add("http://" + address);
    }

    private static String field(String body, String name) {
        Matcher found = Pattern.compile("\"" + name + "\":\\[?\"([^\"]+)\"").matcher(body);
        if (!found.find()) {
            throw new AssertionError("no " + name + " in an answer");
        }
        return found.group(1);
    }

    private HttpResponse<String> awaited(String method, String url, String body, List<Integer> expected) {
        List<HttpResponse<String>> answers = new ArrayList<>();
        Until.within(PATIENCE, method + " " + url, () -> {
            Optional<HttpResponse<String>> answer =
                    ask(method, url, body).filter(each -> expected.contains(each.statusCode()));
            answer.ifPresent(answers::add);
            return answer.isPresent();
        });
        return answers.getFirst();
    }

    /** As the owner; absent where nothing answers. */
    Optional<HttpResponse<String>> ask(String method, String url, String body) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url))
                .timeout(Duration.ofSeconds(5))
                .method(method, HttpRequest.BodyPublishers.ofString(body));
        if (!token.isEmpty()) {
            request.header("X-Vault-Token", token);
        }
        try {
            return Optional.of(http.send(request.build(), HttpResponse.BodyHandlers.ofString()));
        } catch (IOException e) {
            return Optional.empty();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Has the active node do it, as soon as it does. */
    void does(String path, String body) {
        awaited("POST", active() + path, body, List.of(200, 204));
    }

    String active() {
        return addresses.getFirst();
    }

    String standby() {
        return addresses.getLast();
    }

    String token() {
        return token;
    }

    @Override
    public void close() {
        processes.forEach(Exchanges::await);
        postgres.close();
        http.close();
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
