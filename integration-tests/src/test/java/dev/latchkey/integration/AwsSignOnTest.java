package dev.latchkey.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Profiles whose owner signed on at a portal ({@code aws sso login}); portal, tokens and secrets are answered as the published API has it. */
final class AwsSignOnTest {
    private static final String PORTAL = "GET /federation/credentials?role_name=reader&account_id=123456789012";
    private static final String TOKENS = "POST /token";
    private static final String SECRETS = "POST /";

    private final List<String> asked = new CopyOnWriteArrayList<>();
    private final Canary signedOn = Canary.word();
    private final Canary secret = Canary.word();
    private HttpServer server;
    private TestAgent agent;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.start();
        agent = TestAgent.prepared();
        agent.plant(secret);
        agent.plant(signedOn);
    }

    @AfterEach
    void stop() {
        agent.close();
        server.stop(0);
    }

    private String address() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    private void answer(HttpExchange exchange) throws IOException {
        exchange.getRequestBody().readAllBytes();
        String request = exchange.getRequestMethod() + " " + exchange.getRequestURI();
        asked.add(request);
        String bearer = header(exchange, "x-amz-sso_bearer_token");
        String signature = header(exchange, "Authorization");
        String session = header(exchange, "X-Amz-Security-Token");
        if (request.equals(PORTAL) && bearer.equals(signedOn.utf8())) {
            say(exchange, """
                    {"roleCredentials": {"accessKeyId": "ASIAROLE", "secretAccessKey": "k", "sessionToken": "s", "expiration": %d}}""".formatted(Instant.now().plusSeconds(3600).toEpochMilli()));
        } else if (request.equals(TOKENS)) {
            say(exchange, """
                    {"accessToken": "%s", "expiresIn": 28800, "tokenType": "Bearer"}""".formatted(signedOn.utf8()));
        } else if (request.equals(SECRETS) && signature.contains("Credential=ASIAROLE/") && session.equals("s")) {
            say(exchange, """
                    {"Name": "a", "SecretString": "%s", "VersionId": "0f8fad5b-d9cb-469f-a165-70867728950e"}""".formatted(secret.utf8()));
        } else {
            exchange.getResponseHeaders().add("x-amzn-ErrorType", "UnauthorizedException");
            exchange.sendResponseHeaders(401, -1);
            exchange.close();
        }
    }

    private static String header(HttpExchange exchange, String name) {
        String value = exchange.getRequestHeaders().getFirst(name);
        return value == null ? "" : value;
    }

    private static void say(HttpExchange exchange, String json) throws IOException {
        byte[] body = json.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(200, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    /** An agent of somebody whose sign-on is over at that time. */
    private void startAgent(String token, Instant over, String more) throws IOException {
        Path home = Files.createDirectories(agent.folder().resolve("home"));
        Path cache = Files.createDirectories(home.resolve(".aws/sso/cache"));
        Files.writeString(home.resolve(".aws/config"), """
                [profile web]
                sso_session = corp
                sso_account_id = 123456789012
                sso_role_name = reader
                [sso-session corp]
                sso_region = eu-west-1
                sso_start_url = https://corp.example.com/start
                """);
        agent.writeValue(
                agent.folder().relativize(cache.resolve(sha1("corp") + ".json")).toString(),
                Canary.of("""
                {"startUrl": "https://corp.example.com/start", "region": "eu-west-1", "accessToken": "%s", "expiresAt": "%s"%s}
                """.formatted(token, over.truncatedTo(ChronoUnit.SECONDS), more)));
        agent.env("HOME", home.toString())
                .env("AWS_ENDPOINT_URL_SSO", address())
                .env("AWS_ENDPOINT_URL_SSO_OIDC", address())
                .configured(
                        "providers:\n  store: {type: store}\n  aws: {type: aws-secrets-manager, regions: [eu-west-1], endpoints: {eu-west-1: '"
                                + address() + "'}, retries: 0, auth: {method: profile, profile: web}}\n")
                .start();
    }

    private static String sha1(String text) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-1").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Instant in(Duration time) {
        return Instant.now().plus(time);
    }

    @Test
    void theRoleOfTheProfileIsTakenOn() throws IOException {
        startAgent(signedOn.utf8(), in(Duration.ofHours(1)), "");

        agent.assertDelivers("V", secret, "--secret", "V=aws:a");

        assertEquals(List.of(PORTAL, SECRETS), asked);
    }

    @Test
    void aSignOnThatCanBeRenewedIs() throws IOException {
        startAgent("before", in(Duration.ofHours(-1)), """
                , "clientId": "c", "clientSecret": "s", "registrationExpiresAt": "%s", "refreshToken": "r\"""".formatted(
                        in(Duration.ofDays(30)).truncatedTo(ChronoUnit.SECONDS)));

        agent.assertDelivers("V", secret, "--secret", "V=aws:a");

        assertEquals(List.of(TOKENS, PORTAL, SECRETS), asked);
    }

    @Test
    void oneThatIsOverIsSaid() throws IOException {
        startAgent("before", in(Duration.ofHours(-1)), "");

        agent.launch("--secret", "V=aws:a", "--", "true")
                .refuses(123, "the agent finds no credentials for aws in eu-west-1", "'aws sso login'");

        assertEquals(List.of(), asked);
    }

    @Test
    void oneThatThePortalDoesNotKnowIsSaid() throws IOException {
        startAgent("unknown", in(Duration.ofHours(1)), "");

        agent.launch("--secret", "V=aws:a", "--", "true")
                .refuses(123, "the agent may not take on the role for aws in eu-west-1 (401)");

        assertEquals(List.of(PORTAL), asked);
    }
}
