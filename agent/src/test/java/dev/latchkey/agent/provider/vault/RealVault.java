package dev.latchkey.agent.provider.vault;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A development server of {@code bao} or {@code vault} in PATH, or the one that {@code LATCHKEY_TEST_VAULT_ADDR} names. */
public final class RealVault implements AutoCloseable {
    public static final String ROOT_TOKEN = "root-token-of-tests";

    private final URI address;
    private final String token;
    private final @Nullable Process process;

    private RealVault(URI address, String token, @Nullable Process process) {
        this.address = address;
        this.token = token;
        this.process = process;
    }

    /** Absent where there is none. */
    public static Optional<RealVault> find() {
        Optional<String> named = Optional.ofNullable(System.getenv("LATCHKEY_TEST_VAULT_ADDR"));
        if (named.isPresent()) {
            String token = Optional.ofNullable(System.getenv("LATCHKEY_TEST_VAULT_TOKEN"))
                    .orElse(ROOT_TOKEN);
            return named.map(address -> new RealVault(URI.create(address), token, null));
        }
        return List.of("bao", "vault").stream()
                .flatMap(name -> Exchanges.program(name).stream())
                .findFirst()
                .map(program -> started(program.toString()));
    }

    private static RealVault started(String program) {
        int port = freePort();
        try {
            Process process = new ProcessBuilder(
                            program,
                            "server",
                            "-dev",
                            "-dev-no-store-token",
                            "-dev-root-token-id=" + ROOT_TOKEN,
                            "-dev-listen-address=127.0.0.1:" + port)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            RealVault vault = new RealVault(URI.create("http://127.0.0.1:" + port), ROOT_TOKEN, process);
            vault.awaitReady();
            return vault;
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

    private void awaitReady() {
        long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (status("GET", "/v1/sys/health", "") != 200) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("the server is not ready");
            }
            Thread.onSpinWait();
        }
    }

    public URI address() {
        return address;
    }

    /** As its owner, who must be allowed. */
    public void does(String method, String path, String body) {
        int status = status(method, path, body);
        if (status >= 300) {
            throw new AssertionError(method + " " + path + " gave " + status);
        }
    }

    private int status(String method, String path, String body) {
        HttpRequest request = HttpRequest.newBuilder(address.resolve(path))
                .header("X-Vault-Token", token)
                .method(method, HttpRequest.BodyPublishers.ofString(body))
                .build();
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
        } catch (IOException e) {
            return 0;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        if (process != null) {
            Exchanges.await(process);
        }
    }
}
