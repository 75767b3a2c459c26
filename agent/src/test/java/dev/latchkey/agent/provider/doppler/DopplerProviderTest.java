package dev.latchkey.agent.provider.doppler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.latchkey.agent.backend.doppler.DopplerClient;
import dev.latchkey.agent.backend.http.Script;
import dev.latchkey.agent.config.DopplerConfig;
import dev.latchkey.agent.config.NetworkConfig;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.failure.UnavailableException;
import dev.latchkey.agent.policy.RuleLimits;
import dev.latchkey.agent.reference.ReferenceParser;
import dev.latchkey.agent.secret.FoundSecret;
import dev.latchkey.agent.secret.Lookup;
import dev.latchkey.agent.secret.Namespace;
import dev.latchkey.agent.secret.SecretListing.Listed;
import dev.latchkey.agent.secret.SecretListing.Page;
import dev.latchkey.agent.secret.SecretLocation;
import dev.latchkey.agent.secret.SecretValue;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class DopplerProviderTest {
    private static final Duration WITHIN = Duration.ofSeconds(20);
    private static final String THEIRS = "words-of-theirs";

    private DopplerServer server;

    @BeforeEach
    void start() throws IOException {
        server = new DopplerServer();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private static DopplerProvider provider(String address, String token) {
        return provider(new DopplerConfig(address, Optional.empty(), Optional.empty(), token));
    }

    private static DopplerProvider provider(String address, String token, String project, String config) {
        return provider(new DopplerConfig(address, Optional.of(project), Optional.of(config), token));
    }

    private static DopplerProvider provider(DopplerConfig backend) {
        NetworkConfig network = new NetworkConfig(Optional.empty(), WITHIN, 0, RuleLimits.NONE);
        return new DopplerProvider("doppler", new DopplerClient("doppler", backend, network));
    }

    private DopplerProvider provider() {
        return provider(server.address(), DopplerServer.SERVICE_TOKEN);
    }

    private static FoundSecret document(DopplerProvider provider) {
        Lookup all = provider.fetchDocument(Optional.empty(), WITHIN).orElseThrow();
        return assertInstanceOf(Lookup.Found.class, all).secret();
    }

    private static Lookup pick(DopplerProvider provider, String name) {
        try (FoundSecret document = document(provider);
                SecretValue all = document.open()) {
            return provider.pick(all, new SecretLocation("doppler", name));
        }
    }

    private static String value(DopplerProvider provider, String name) {
        try (FoundSecret found = assertInstanceOf(Lookup.Found.class, pick(provider, name))
                        .secret();
                SecretValue value = found.open()) {
            assertEquals("current", found.version());
            return value.leak(bytes -> new String(bytes, StandardCharsets.UTF_8));
        }
    }

    private static Failure absent(Lookup lookup) {
        return assertInstanceOf(Lookup.Absent.class, lookup).failure();
    }

    private static AgentException refused(DopplerProvider provider) {
        return assertThrows(AgentException.class, () -> provider.fetchDocument(Optional.empty(), WITHIN));
    }

    @Test
    void takesSecretsOutOfTheDownload() {
        server.secrets =
                "{\"STRIPE_KEY\":\"sk\\nü\",\"DB\":\"{\\\"user\\\": \\\"u\\\"}\",\"EMPTY\":\"\",\"NONE\":null}";
        DopplerProvider provider = provider();

        assertEquals("sk\nü", value(provider, "STRIPE_KEY"));
        assertEquals("{\"user\": \"u\"}", value(provider, "DB"));
        assertEquals("", value(provider, "EMPTY"));
        assertEquals("not found in doppler", absent(pick(provider, "OTHER")).message());
        assertEquals(FailureKind.NO_VALUE, absent(pick(provider, "NONE")).kind());
        assertEquals("format=json", server.asked.getFirst());
    }

    /** Doppler has replaced its own references; whatever still looks like one is a value. */
    @Test
    void aValueIsTakenAsItIs() {
        server.secrets = "{\"A\":\"${B} !template! $(id)\",\"B\":\"b\"}";
        assertEquals("${B} !template! $(id)", value(provider(), "A"));
    }

    @Test
    void namesProjectAndConfigToATokenThatHasMany() {
        server.secrets = "{\"A\":\"a\"}";
        assertEquals("a", value(provider(server.address(), DopplerServer.PERSONAL_TOKEN, "web", "prd"), "A"));
        assertEquals(List.of("format=json&project=web&config=prd"), server.asked);

        AgentException refused = refused(provider(server.address(), DopplerServer.PERSONAL_TOKEN));
        assertEquals("doppler does not take the request (400)", refused.getMessage());
        assertEquals(
                Optional.of("check its project, config and address; only a service token needs no project and config"),
                refused.failure().hint());
    }

    @Test
    void asksByTheTagWhetherAnythingChanged() {
        server.secrets = "{\"A\":\"a\"}";
        DopplerProvider provider = provider();
        String tag;
        try (FoundSecret document = document(provider)) {
            tag = document.version();
        }

        assertEquals(Optional.empty(), provider.fetchDocument(Optional.of(tag), WITHIN));
        server.tag = "W/\"2\"";
        assertEquals(
                "W/\"2\"",
                assertInstanceOf(
                                Lookup.Found.class,
                                provider.fetchDocument(Optional.of(tag), WITHIN).orElseThrow())
                        .secret()
                        .version());
        assertEquals("format=json unless W/\"1\"", server.asked.getLast());
    }

    @Test
    void tellsDeniedAndUnknownApart() {
        AgentException denied = refused(provider(server.address(), "dp.st.revoked"));
        assertEquals(FailureKind.PROVIDER_DENIED, denied.kind());
        assertFalse(
                denied.failure().toString().contains("Invalid Auth"),
                () -> denied.failure().toString());

        DopplerProvider unknown = provider(server.address(), DopplerServer.PERSONAL_TOKEN, "web", "stg");
        Failure failure = absent(unknown.fetchDocument(Optional.empty(), WITHIN).orElseThrow());
        assertEquals(FailureKind.UNKNOWN_ENVIRONMENT, failure.kind());
    }

    @ParameterizedTest
    @CsvSource({
        "302, PROVIDER_MALFORMED",
        "400, PROVIDER_MALFORMED",
        "401, PROVIDER_DENIED",
        "403, PROVIDER_DENIED",
        "418, PROVIDER_MALFORMED",
        "429, PROVIDER_UNAVAILABLE",
        "500, PROVIDER_UNAVAILABLE",
        "503, PROVIDER_UNAVAILABLE"
    })
    void tellsWhatWentWrongByTheStatusAlone(int status, FailureKind kind) throws IOException {
        String answer = Script.answer(
                status + " x",
                "Location: http://127.0.0.1:1/\r\nRetry-After: 7\r\n",
                "{\"messages\":[\"" + THEIRS + "\"]}");
        try (Script script = Script.saying(answer)) {
            AgentException refused = refused(provider(script.address(), "t", "web", "prd"));

            assertEquals(kind, refused.kind());
            assertFalse(refused.failure().toString().contains(THEIRS));
            assertEquals(1, script.requests().size());
            if (refused instanceof UnavailableException later) {
                assertEquals(Optional.of(Duration.ofSeconds(7)), later.retryAfter());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"<html>words-of-theirs</html>", "[\"words-of-theirs\"]", "\"words-of-theirs\"", "", "{\"A\":"})
    void aPageWithStatus200IsNoDownload(String page) throws IOException {
        try (Script script = Script.saying(Script.answer("200 OK", "Content-Type: text/html\r\n", page))) {
            AgentException refused = refused(provider(script.address(), "t", "web", "prd"));
            assertEquals(FailureKind.PROVIDER_MALFORMED, refused.kind());
            assertFalse(refused.failure().toString().contains(THEIRS));
        }
    }

    @Test
    void whatWasNotAskedAboutIsNotUnchanged() throws IOException {
        try (Script script = Script.saying("HTTP/1.1 304 Not Modified\r\n\r\n")) {
            assertEquals(
                    FailureKind.PROVIDER_MALFORMED,
                    refused(provider(script.address(), "t", "web", "prd")).kind());
        }
    }

    @Test
    void aTagThatCouldEndItsLineIsNone() throws IOException {
        try (Script script = Script.saying(Script.answer("200 OK", "ETag: \"ü\"\r\n", "{}"));
                FoundSecret document = document(provider(script.address(), "t", "web", "prd"))) {
            assertEquals("", document.version());
        }
    }

    @Test
    void aDownloadOverAMebibyteIsRefused() throws IOException {
        String big = "{\"A\":\"" + "x".repeat(SecretValue.MAX_BYTES) + "\"}";
        try (Script script = Script.saying(Script.answer("200 OK", "", big))) {
            assertEquals(
                    "doppler answers with more than 1048576 bytes",
                    refused(provider(script.address(), "t", "web", "prd")).getMessage());
        }
    }

    private AgentException unlocatable(String reference) {
        return assertThrows(
                AgentException.class, () -> provider().locate(ReferenceParser.parse(reference), Namespace.DEFAULT));
    }

    @Test
    void hasNoVersions() {
        AgentException refused = unlocatable("doppler:A@3");
        assertEquals(FailureKind.BAD_REFERENCE, refused.kind());
        assertEquals("doppler has no versions", refused.getMessage());
        assertEquals(List.of(), server.asked);
    }

    @ParameterizedTest
    @ValueSource(strings = {"doppler:web/prd/A", "doppler:A-B", "doppler:A.B", "doppler:%20"})
    void aNameIsOneOfDoppler(String reference) {
        assertEquals(FailureKind.BAD_NAME, unlocatable(reference).kind());
    }

    @Test
    void listsAllNamesOfTheConfigInOneDownload() {
        server.secrets = "{\"B\":\"1\",\"A\":\"\",\"B\":\"2\"}";
        assertEquals(Page.whole(List.of("B", "A")), provider().list("", Optional.empty(), WITHIN));
        assertEquals(1, server.asked.size());
    }

    @Test
    void leavesOutWhatADownloadSaysOfItself() {
        server.secrets = "{\"DOPPLER_CONFIG\":\"prd\",\"A\":\"1\"}";
        assertEquals(
                List.of(new Listed("DOPPLER_CONFIG", Optional.of("is of doppler itself")), Listed.of("A")),
                provider().list("", Optional.empty(), WITHIN).secrets());
    }

    @Test
    void whatCannotBeListedIsNoEmptyConfig() {
        AgentException denied = assertThrows(
                AgentException.class,
                () -> provider(server.address(), "revoked").list("", Optional.empty(), WITHIN));
        assertEquals(FailureKind.PROVIDER_DENIED, denied.kind());
        DopplerProvider nowhere = provider(server.address(), DopplerServer.PERSONAL_TOKEN, "web", "none");
        AgentException none = assertThrows(AgentException.class, () -> nowhere.list("", Optional.empty(), WITHIN));
        assertEquals(FailureKind.UNKNOWN_ENVIRONMENT, none.kind());
        AgentException prefix =
                assertThrows(AgentException.class, () -> provider().list("a/", Optional.empty(), WITHIN));
        assertEquals(FailureKind.BAD_ARGUMENT, prefix.kind());
    }
}
