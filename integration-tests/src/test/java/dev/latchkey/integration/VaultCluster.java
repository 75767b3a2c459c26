package dev.latchkey.integration;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Nodes of a real {@code bao} or {@code vault} on loopback, which keep their data in files of a folder that goes with them. */
final class VaultCluster implements AutoCloseable {
    private static final Duration ANSWER = Duration.ofSeconds(5);

    private final String program;
    private final Path folder;
    private final List<Node> nodes = new ArrayList<>();
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private String key = "";
    private String token = "";

    /** One of them. */
    private static final class Node {
        private final int port;
        private final Path config;
        private @Nullable Process process;

        Node(int port, Path config) {
            this.port = port;
            this.config = config;
        }

        String address() {
            return "http://127.0.0.1:" + port;
        }
    }

    private record Answer(int status, String body) {
        String field(String name) {
            Matcher found = Pattern.compile("\"" + name + "\":\\[?\"([^\"]+)\"").matcher(body);
            if (!found.find()) {
                throw new AssertionError("no " + name + " in an answer with status " + status);
            }
            return found.group(1);
        }
    }

    private VaultCluster(String program) {
        this.program = program;
        try {
            folder = Files.createTempDirectory(Path.of("/tmp"), "lkv");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Unsealed and with a leader; skips the test where there is no such program. */
    static VaultCluster started(int size) {
        Optional<String> program = program();
        assumeTrue(program.isPresent(), "needs bao or vault in PATH");
        VaultCluster cluster = new VaultCluster(program.orElseThrow());
        boolean started = false;
        try {
            cluster.begin(size);
            started = true;
        } finally {
            if (!started) {
                cluster.close();
            }
        }
        return cluster;
    }

    private static Optional<String> program() {
        return Stream.of("bao", "vault")
                .flatMap(name -> Stream.of(System.getenv("PATH").split(":", -1)).map(each -> Path.of(each, name)))
                .filter(Files::isExecutable)
                .map(Path::toString)
                .findFirst();
    }

    private void begin(int size) {
        IntStream.rangeClosed(1, size).forEach(this::configure);
        nodes.forEach(this::run);
        Node first = nodes.getFirst();
        Await.until(
                "the first node is there",
                () -> ask(first, "GET", "/v1/sys/seal-status", "").status() == 200);
        Answer made = ask(first, "PUT", "/v1/sys/init", "{\"secret_shares\":1,\"secret_threshold\":1}");
        key = made.field("keys_base64");
        token = made.field("root_token");
        nodes.forEach(this::unseal);
        Await.until("there is a leader, and every node votes", () -> voters() == size);
    }

    /** A node that joined a moment ago does not vote yet, and would not elect another leader. */
    private long voters() {
        return leader().map(node -> ask(node, "GET", "/v1/sys/storage/raft/configuration", ""))
                .map(answer -> answer.body().split("\"voter\":true", -1).length - 1L)
                .orElse(0L);
    }

    private void configure(int number) {
        int port = freePort();
        int peers = freePort();
        String join = nodes.isEmpty()
                ? ""
                : ",\"retry_join\":[{\"leader_api_addr\":\"" + nodes.getFirst().address() + "\"}]";
        Path data = folder.resolve("data-" + number);
        try {
            Files.createDirectories(data);
            Path config = Files.writeString(folder.resolve("node-" + number + ".json"), """
                    {"storage": {"raft": {"path": "%s", "node_id": "n%d", "performance_multiplier": 1%s}},
                     "listener": [{"tcp": {"address": "127.0.0.1:%d", "cluster_address": "127.0.0.1:%d", "tls_disable": true}}],
                     "api_addr": "http://127.0.0.1:%d", "cluster_addr": "https://127.0.0.1:%d", "disable_mlock": true}
                    """.formatted(
                            data, number, join, port, peers, port, peers));
            nodes.add(new Node(port, config));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int freePort() {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void run(Node node) {
        try {
            node.process = new ProcessBuilder(program, "server", "-config=" + node.config)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void unseal(Node node) {
        Await.until("a node is unsealed", () -> {
            ask(node, "PUT", "/v1/sys/unseal", "{\"key\":\"" + key + "\"}");
            int health = ask(node, "GET", "/v1/sys/health", "").status();
            return health == 200 || health == 429;
        });
    }

    private Optional<Node> leader() {
        return nodes.stream()
                .filter(node -> node.process != null)
                .filter(node -> ask(node, "GET", "/v1/sys/health", "").status() == 200)
                .findFirst();
    }

    private Node requiredLeader() {
        return leader().orElseThrow(() -> new AssertionError("the cluster has no leader"));
    }

    /** Status 0 where there is none. */
    private Answer ask(Node node, String method, String path, String body) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(node.address() + path))
                .timeout(ANSWER)
                .method(method, HttpRequest.BodyPublishers.ofString(body));
        if (!token.isEmpty()) {
            request.header("X-Vault-Token", token);
        }
        try {
            HttpResponse<String> response = http.send(request.build(), HttpResponse.BodyHandlers.ofString());
            return new Answer(response.statusCode(), response.body());
        } catch (IOException e) {
            return new Answer(0, "");
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Has the leader do it, as the owner, as soon as it does. */
    void does(String path, String body) {
        Await.until("the leader does " + path, () -> {
            int status =
                    leader().map(node -> ask(node, "POST", path, body).status()).orElse(0);
            return status >= 200 && status < 300;
        });
    }

    String token() {
        return token;
    }

    /** The standbys first. */
    List<String> addresses() {
        Node leader = requiredLeader();
        return Stream.concat(nodes.stream().filter(node -> node != leader), Stream.of(leader))
                .map(Node::address)
                .toList();
    }

    void killLeader() {
        kill(requiredLeader());
    }

    private static void kill(Node node) {
        Process process = node.process;
        if (process != null) {
            process.destroyForcibly();
            try {
                process.waitFor(10, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            node.process = null;
        }
    }

    /** Starts again those that were killed. */
    void restart() {
        nodes.stream().filter(node -> node.process == null).forEach(node -> {
            run(node);
            unseal(node);
        });
        Await.until("there is a leader", () -> leader().isPresent());
    }

    @Override
    public void close() {
        nodes.forEach(VaultCluster::kill);
        http.close();
        TestAgent.remove(folder);
    }
}
