package dev.latchkey.agent.cli;

import dev.latchkey.agent.admin.view.ErrorView;
import dev.latchkey.agent.admin.view.Order;
import dev.latchkey.agent.admin.view.RecordJson;
import dev.latchkey.agent.secret.SecretValue;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.SocketTimeoutException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;

/** Asks the agent one thing on one connection. */
final class AdminClient {
    private static final Duration USUAL = Duration.ofSeconds(30);
    /** Rotating keys, verifying and restoring go through the whole store before they answer. */
    private static final Duration LONG = Duration.ofHours(1);

    private static final String ERROR_TRAILER = "latchkey-error";
    private static final int CHUNK = 64 * 1024;

    private final Path socket;
    private final ServerTrust trust;
    private final Duration patience;

    AdminClient(Path socket, ServerTrust trust) {
        this(socket, trust, USUAL);
    }

    private AdminClient(Path socket, ServerTrust trust, Duration patience) {
        this.socket = socket;
        this.trust = trust;
        this.patience = patience;
    }

    /** The same for commands whose answer may take long. */
    AdminClient patiently() {
        return new AdminClient(socket, trust, LONG);
    }

    /** What a request carries; it writes itself. */
    @FunctionalInterface
    private interface Body {
        void writeTo(Wire wire) throws IOException;
    }

    /** Asks for something and hands the answer's body to the reader. */
    <T> T get(Target target, Function<InputStream, T> reader) {
        return ask("GET", target, "", _ -> {}, reader);
    }

    <T> T post(Target target, Function<InputStream, T> reader) {
        return ask("POST", target, "content-length: 0\r\n", _ -> {}, reader);
    }

    void delete(Target target) {
        ask("DELETE", target, "", _ -> {}, _ -> true);
    }

    <T> T order(String method, Target target, Order order, Function<InputStream, T> reader) {
        ByteArrayOutputStream json = new ByteArrayOutputStream();
        RecordJson.write(order, json);
        byte[] bytes = json.toByteArray();
        String headers = "content-type: application/json\r\ncontent-length: " + bytes.length + "\r\n";
        return ask(method, target, headers, wire -> wire.write(bytes, 0, bytes.length), reader);
    }

    /** Sends a value, whose bytes stay its own. */
    <T> T value(String method, Target target, SecretValue value, Function<InputStream, T> reader) {
        String headers = "content-type: application/octet-stream\r\ncontent-length: " + value.size() + "\r\n";
        Body body = wire -> value.leak(bytes -> write(wire, bytes));
        return ask(method, target, headers, body, reader);
    }

    private static boolean write(Wire wire, byte[] bytes) {
        try {
            wire.write(bytes, 0, bytes.length);
            return true;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Sends a stream in chunks. */
    void stream(Target target, InputStream from) {
        String headers = "content-type: application/octet-stream\r\ntransfer-encoding: chunked\r\n";
        ask("POST", target, headers, wire -> sendChunks(wire, from), _ -> true);
    }

    private static void sendChunks(Wire wire, InputStream from) throws IOException {
        byte[] chunk = new byte[CHUNK];
        for (int read = from.read(chunk); read >= 0; read = from.read(chunk)) {
            if (read > 0) {
                send(wire, Integer.toHexString(read) + "\r\n");
                wire.write(chunk, 0, read);
                send(wire, "\r\n");
            }
        }
        send(wire, "0\r\n\r\n");
    }

    private <T> T ask(String method, Target target, String headers, Body body, Function<InputStream, T> reader) {
        String head = method + " " + target + " HTTP/1.1\r\nhost: agent\r\nconnection: close\r\n" + headers + "\r\n";
        try (Wire wire = connect()) {
            trust.require(socket, wire.server());
            request(wire, head, body);
            return answer(wire, reader);
        } catch (IOException e) {
            throw explained(e);
        } catch (UncheckedIOException e) {
            throw explained(cause(e));
        }
    }

    private CommandFailure explained(IOException e) {
        return e instanceof SocketTimeoutException ? timedOut() : brokenOff();
    }

    /** An agent that refuses before it read everything closes its end; then its answer is there to be read. */
    private static void request(Wire wire, String head, Body body) throws IOException {
        try {
            send(wire, head);
            body.writeTo(wire);
        } catch (UncheckedIOException e) {
            requireBrokenPipe(cause(e));
        } catch (IOException e) {
            requireBrokenPipe(e);
        }
    }

    private static void requireBrokenPipe(IOException e) throws IOException {
        String message = e.getMessage();
        if (message == null || !(message.contains("Broken pipe") || message.contains("Connection reset"))) {
            throw e;
        }
    }

    private static IOException cause(UncheckedIOException e) {
        return Objects.requireNonNull(e.getCause());
    }

    private CommandFailure timedOut() {
        return CommandFailure.failed(
                "timed-out",
                "the agent at " + socket + " did not answer in " + patience.toSeconds() + " s",
                "it may be stopped or overloaded; its log says more");
    }

    private Wire connect() {
        try {
            return Wire.connect(socket, patience);
        } catch (IOException e) {
            // What the kernel says, in the words of the C library.
            boolean denied = String.valueOf(e.getMessage()).contains("Permission denied");
            throw denied ? notPermitted() : notServing();
        }
    }

    private CommandFailure notPermitted() {
        return CommandFailure.failed(
                "not-permitted",
                "no permission to connect to the admin socket " + socket,
                "only users of admin.roles, the agent's own and root may");
    }

    private CommandFailure notServing() {
        return CommandFailure.failed(
                "not-serving",
                "no agent serves the admin socket " + socket,
                "start one with 'agent run', or name another socket with --admin-socket");
    }

    private CommandFailure brokenOff() {
        return CommandFailure.failed(
                "broken-off", "the answer of the agent at " + socket + " broke off", "its log may say why");
    }

    private <T> T answer(Wire wire, Function<InputStream, T> reader) throws IOException {
        InputStream in = wire.in();
        int status = status(HttpBody.line(in));
        Map<String, String> headers = headers(in);
        Map<String, String> trailers = new HashMap<>();
        InputStream body = body(in, status, headers, trailers);
        if (status >= 400) {
            throw CommandFailure.of(error(body));
        }
        T result = reader.apply(body);
        // Whatever the reader left unread may be the news that the answer is not complete.
        body.skip(Long.MAX_VALUE);
        String error = trailers.get(ERROR_TRAILER);
        if (error != null) {
            byte[] json = URLDecoder.decode(error, StandardCharsets.UTF_8).getBytes(StandardCharsets.UTF_8);
            throw CommandFailure.of(error(new ByteArrayInputStream(json)));
        }
        return result;
    }

    private ErrorView error(InputStream body) {
        try {
            return RecordJson.read(body, ErrorView.class);
        } catch (RecordJson.Unreadable e) {
            throw brokenOff();
        }
    }

    private static int status(String line) throws IOException {
        String[] parts = line.split(" ", 3);
        if (parts.length < 2 || !parts[0].startsWith("HTTP/1.") || !parts[1].matches("[1-5][0-9][0-9]")) {
            throw new IOException("not HTTP");
        }
        return Integer.parseInt(parts[1]);
    }

    private static Map<String, String> headers(InputStream in) throws IOException {
        Map<String, String> headers = new HashMap<>();
        for (String line = HttpBody.line(in); !line.isEmpty(); line = HttpBody.line(in)) {
            note(line, headers);
        }
        return headers;
    }

    private static void note(String line, Map<String, String> headers) {
        List<String> parts = List.of(line.split(":", 2));
        if (parts.size() == 2) {
            headers.put(
                    parts.getFirst().toLowerCase(Locale.ROOT), parts.getLast().strip());
        }
    }

    private static InputStream body(
            InputStream in, int status, Map<String, String> headers, Map<String, String> trailers) throws IOException {
        if ("chunked".equalsIgnoreCase(headers.get("transfer-encoding"))) {
            return HttpBody.chunked(in, line -> note(line, trailers));
        }
        String length = headers.getOrDefault("content-length", status == 204 ? "0" : "");
        if (!length.matches("[0-9]{1,18}")) {
            throw new IOException("a response without a length");
        }
        return HttpBody.ofLength(in, Long.parseLong(length));
    }

    private static void send(Wire wire, String ascii) throws IOException {
        byte[] bytes = ascii.getBytes(StandardCharsets.US_ASCII);
        wire.write(bytes, 0, bytes.length);
    }
}
