package dev.latchkey.agent.backend.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.FailureKind;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a network can do to a request: a clear failure in bounded time, and none of its words in ours. */
@Timeout(60)
class HttpClientTest {
    private static final Duration SHORT = Duration.ofMillis(400);
    private static final Duration LONG = Duration.ofSeconds(20);
    private static final String THEIRS = "words-of-theirs";

    @TempDir
    Path folder;

    private static HttpClient client(String address) {
        return client(address, Tls.USUAL);
    }

    private static HttpClient client(String address, Tls tls) {
        return new HttpClient("vault", Endpoint.parse(address).orElseThrow(), tls);
    }

    private static HttpResponse get(Script script) {
        return client(script.address()).send(HttpRequest.get("/v1/x"), LONG);
    }

    private static AgentException refused(String address, Duration within) {
        return refused(client(address), within);
    }

    private static AgentException refused(HttpClient client, Duration within) {
        long begin = System.nanoTime();
        AgentException refused =
                assertThrows(AgentException.class, () -> client.send(HttpRequest.get("/v1/x"), within));
        Duration took = Duration.ofNanos(System.nanoTime() - begin);
        assertTrue(took.compareTo(within.plusSeconds(15)) < 0, took::toString);
        assertFalse(refused.failure().toString().contains(THEIRS), refused::getMessage);
        return refused;
    }

    private static String body(HttpResponse response) {
        return new String(response.body(), StandardCharsets.UTF_8);
    }

    @Test
    void sendsWhatItIsToldAndReadsTheAnswer() throws IOException {
        try (Script script = Script.saying(Script.answer("200 OK", "X-A: b\r\n", "hello"));
                HttpResponse response = client(script.address() + "/base/")
                        .send(HttpRequest.get("/v1/x?y=z").header("X-Vault-Token", "t"), LONG)) {
            assertEquals(200, response.status());
            assertEquals(Optional.of("b"), response.header("x-a"));
            assertEquals("hello", body(response));
            String request = script.requests().getFirst();
            assertTrue(
                    request.startsWith("GET /base/v1/x?y=z HTTP/1.1\r\nHost: 127.0.0.1:" + script.port() + "\r\n"),
                    request);
            assertTrue(request.contains("\r\nX-Vault-Token: t\r\n"), request);
            assertTrue(request.contains("\r\nAccept-Encoding: identity\r\n"), request);
        }
    }

    @Test
    void readsChunks() throws IOException {
        String answer =
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n6\r\n world\r\n0\r\nT: 1\r\n\r\n";
        try (Script script = Script.saying(answer);
                HttpResponse response = get(script)) {
            assertEquals("hello world", body(response));
        }
    }

    @Test
    void readsUntilTheEndWhereNoLengthIsSaid() throws IOException {
        try (Script script = Script.saying("HTTP/1.0 200 OK\r\n\r\n" + "x".repeat(20_000));
                HttpResponse response = get(script)) {
            assertEquals(20_000, response.body().length);
        }
    }

    @Test
    void passesOverInterimAnswers() throws IOException {
        try (Script script = Script.saying("HTTP/1.1 100 Continue\r\n\r\n" + Script.answer("204 No", "", ""));
                HttpResponse response = get(script)) {
            assertEquals(204, response.status());
        }
    }

    @Test
    void closingWipesTheBody() throws IOException {
        try (Script script = Script.saying(Script.answer("200 OK", "", "secret"))) {
            HttpResponse response = get(script);
            byte[] body = response.body();
            response.close();
            assertEquals("\0\0\0\0\0\0", new String(body, StandardCharsets.US_ASCII));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<html>words-of-theirs</html>",
                "HTTP/1.1 200 OK\r\nwords-of-theirs\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
                "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: 9999999999\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffff\r\n",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nhello",
                "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello",
                "HTTP/1.1 999 words-of-theirs\r\n\r\n",
                ""
            })
    void whatIsNoAnswerIsMalformed(String answer) throws IOException {
        try (Script script = Script.saying(answer)) {
            AgentException refused = refused(script.address(), LONG);
            assertEquals(FailureKind.PROVIDER_MALFORMED, refused.kind(), refused::getMessage);
        }
    }

    @Test
    void aBombIsNotOpened() throws IOException {
        ByteArrayOutputStream bomb = new ByteArrayOutputStream();
        try (GZIPOutputStream zip = new GZIPOutputStream(bomb)) {
            zip.write(new byte[50 << 20]);
        }
        try (Script script = Script.doing((_, out) -> {
            out.write(("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: " + bomb.size() + "\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
            bomb.writeTo(out);
        })) {
            assertEquals(
                    FailureKind.PROVIDER_MALFORMED,
                    refused(script.address(), LONG).kind());
        }
    }

    @Test
    void aBodyWithoutEndIsCutOff() throws IOException {
        try (Script script = Script.doing((_, out) -> {
            out.write("HTTP/1.1 200 OK\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            byte[] piece = new byte[64 << 10];
            while (true) {
                out.write(piece);
            }
        })) {
            assertEquals(
                    FailureKind.PROVIDER_MALFORMED,
                    refused(script.address(), LONG).kind());
        }
    }

    @Test
    void headersWithoutEndAreCutOff() throws IOException {
        try (Script script = Script.doing((_, out) -> {
            out.write("HTTP/1.1 200 OK\r\n".getBytes(StandardCharsets.US_ASCII));
            while (true) {
                out.write("X-A: b\r\n".repeat(1_000).getBytes(StandardCharsets.US_ASCII));
            }
        })) {
            assertEquals(
                    FailureKind.PROVIDER_MALFORMED,
                    refused(script.address(), LONG).kind());
        }
    }

    @Test
    void aByteNowAndThenDoesNotStretchTheTime() throws IOException {
        try (Script script = Script.doing((_, out) -> {
            for (byte b : Script.answer("200 OK", "", "x".repeat(1_000)).getBytes(StandardCharsets.US_ASCII)) {
                out.write(b);
                out.flush();
                Thread.sleep(50);
            }
        })) {
            assertEquals(FailureKind.TIMED_OUT, refused(script.address(), SHORT).kind());
        }
    }

    @Test
    void aBlackHoleIsGivenUp() throws IOException {
        try (Script script = Script.doing((_, _) -> Thread.sleep(60_000))) {
            assertEquals(FailureKind.TIMED_OUT, refused(script.address(), SHORT).kind());
        }
    }

    @Test
    void aHandshakeThatNeverEndsIsGivenUp() throws IOException {
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            AgentException refused = refused("https://127.0.0.1:" + silent.getLocalPort(), SHORT);
            assertEquals(FailureKind.TIMED_OUT, refused.kind());
        }
    }

    @Test
    void aResetIsNoAnswer() throws IOException {
        try (Script script = Script.doing((socket, _) -> {
            socket.setSoLinger(true, 0);
            socket.close();
        })) {
            assertEquals(
                    FailureKind.PROVIDER_UNAVAILABLE,
                    refused(script.address(), LONG).kind());
        }
    }

    @Test
    void nobodyThereIsUnreachable() throws IOException {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        AgentException refused = refused("http://127.0.0.1:" + port, LONG);
        assertEquals("vault cannot be reached: connection refused", refused.getMessage());
        assertEquals(
                Optional.of("its address is http://127.0.0.1:" + port),
                refused.failure().hint());
    }

    @Test
    void aRedirectIsAnAnswerAndNotFollowed() throws IOException {
        try (Script script = Script.saying(Script.answer("302 Found", "Location: http://127.0.0.1:1/\r\n", ""));
                HttpResponse response = get(script)) {
            assertEquals(302, response.status());
            assertEquals(1, script.requests().size());
        }
    }

    @Test
    void aCertificateOfAnUnknownAuthorityIsNotTrusted() throws Exception {
        try (Script script = Script.behind(tls("localhost"), (_, out) -> out.write(1))) {
            AgentException refused = refused("https://localhost:" + script.port(), LONG);
            assertEquals(FailureKind.PROVIDER_UNAVAILABLE, refused.kind());
            assertEquals("vault cannot be trusted: its certificate or its TLS is not accepted", refused.getMessage());
            assertEquals(0, script.requests().size());
        }
    }

    @Test
    void aCertificateOfAKnownAuthorityIs() throws Exception {
        try (Script script = Script.behind(
                        tls("localhost"),
                        (_, out) ->
                                out.write(Script.answer("200 OK", "", "safe").getBytes(StandardCharsets.US_ASCII)));
                HttpResponse response =
                        client("https://localhost:" + script.port(), trusting()).send(HttpRequest.get("/"), LONG)) {
            assertEquals("safe", body(response));
        }
    }

    @Test
    void aCertificateForAnotherHostIsNotTrusted() throws Exception {
        try (Script script = Script.behind(tls("elsewhere.example"), (_, out) -> out.write(1))) {
            AgentException refused = refused(client("https://localhost:" + script.port(), trusting()), LONG);
            assertEquals(FailureKind.PROVIDER_UNAVAILABLE, refused.kind());
            assertEquals(0, script.requests().size());
        }
    }

    private Tls trusting() {
        return new Tls(Optional.of(folder.resolve("ca.pem")), Optional.empty());
    }

    /** A server with a certificate of its own for that host, which lies in ca.pem. */
    private ServerSocket tls(String host) throws IOException, GeneralSecurityException, InterruptedException {
        Path keys = folder.resolve("keys.p12");
        String keytool = Path.of(System.getProperty("java.home"), "bin/keytool").toString();
        keytool(
                keytool,
                "-genkeypair",
                "-alias",
                "s",
                "-keyalg",
                "EC",
                "-keystore",
                keys.toString(),
                "-storepass",
                "changeit",
                "-dname",
                "CN=" + host,
                "-ext",
                "san=dns:" + host);
        keytool(
                keytool,
                "-exportcert",
                "-rfc",
                "-alias",
                "s",
                "-keystore",
                keys.toString(),
                "-storepass",
                "changeit",
                "-file",
                folder.resolve("ca.pem").toString());
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(keys)) {
            store.load(in, "changeit".toCharArray());
        }
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(store, "changeit".toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(factory.getKeyManagers(), null, null);
        return context.getServerSocketFactory().createServerSocket(0, 50, InetAddress.getLoopbackAddress());
    }

    private static void keytool(String... words) throws IOException, InterruptedException {
        assertEquals(
                0, new ProcessBuilder(words).redirectErrorStream(true).start().waitFor());
    }

    @Test
    void asksOverAUnixSocket() throws Exception {
        Path socket = folder.resolve("s");
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(socket));
            Thread.ofPlatform().daemon().start(() -> answerOnce(server));
            try (HttpResponse response = client("unix://" + socket).send(HttpRequest.get("/v1/x"), LONG)) {
                assertEquals("by socket", body(response));
            }
        }
    }

    private static void answerOnce(ServerSocketChannel server) {
        try (SocketChannel channel = server.accept()) {
            channel.read(ByteBuffer.allocate(4_096));
            byte[] answer = Script.answer("200 OK", "", "by socket").getBytes(StandardCharsets.US_ASCII);
            channel.write(ByteBuffer.wrap(answer));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "https://h, https://h:443",
        "http://h, http://h:80",
        "https://h:8200/base/, https://h:8200/base",
        "https://[::1]:1, https://[::1]:1",
        "unix:///run/s, unix:///run/s"
    })
    void knowsAddresses(String text, String meaning) {
        assertEquals(meaning, Endpoint.parse(text).orElseThrow().toString());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "h",
                "ftp://h",
                "https://u@h",
                "https://h?x",
                "https://h#x",
                "unix://a/b",
                "https://",
                "http:///x",
                ":"
            })
    void refusesWhatIsNoAddress(String text) {
        assertEquals(Optional.empty(), Endpoint.parse(text));
    }

    @Test
    void aHeaderCannotEndItsLine() {
        HttpRequest request = HttpRequest.get("/");
        assertThrows(IllegalStateException.class, () -> request.header("X-Vault-Token", "a\r\nHost: b"));
    }

    /** A caller that waited no longer leaves no thread and no connection behind. */
    @Test
    void whatIsGivenUpEnds() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            refused("http://127.0.0.1:" + silent.getLocalPort(), SHORT);
            try (Socket accepted = silent.accept()) {
                accepted.setSoTimeout(10_000);
                InputStream in = accepted.getInputStream();
                while (in.read() >= 0) {
                    // The request, and then the end.
                }
            }
        }
    }
}
