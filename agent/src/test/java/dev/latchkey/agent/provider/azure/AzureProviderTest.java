package dev.latchkey.agent.provider.azure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.latchkey.agent.backend.azure.AzureClient;
import dev.latchkey.agent.backend.azure.AzureHost;
import dev.latchkey.agent.config.AzureConfig;
import dev.latchkey.agent.config.AzureConfig.Auth;
import dev.latchkey.agent.config.NetworkConfig;
import dev.latchkey.agent.config.VaultConfig.Layout;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.policy.RuleLimits;
import dev.latchkey.agent.reference.ReferenceParser;
import dev.latchkey.agent.secret.FoundSecret;
import dev.latchkey.agent.secret.Lease;
import dev.latchkey.agent.secret.Lookup;
import dev.latchkey.agent.secret.Namespace;
import dev.latchkey.agent.secret.SecretListing.Listed;
import dev.latchkey.agent.secret.SecretListing.Page;
import dev.latchkey.agent.secret.SecretReference;
import dev.latchkey.agent.secret.SecretValue;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a vault answers, and what becomes of it. */
@Timeout(60)
class AzureProviderTest {
    private static final Duration WITHIN = Duration.ofSeconds(20);
    private static final Instant NOW = Instant.parse("2026-11-23T00:00:00Z");
    private static final String OLDER = "0123456789abcdef0123456789abcdef";

    private final AzureServer server = new AzureServer();

    @AfterEach
    void stop() {
        server.close();
    }

    private AzureProvider provider(Layout layout) {
        AzureConfig config = new AzureConfig(
                server.address(),
                Optional.empty(),
                Optional.of(server.address()),
                Optional.of(AzureServer.RESOURCE),
                new Auth.ClientSecret(AzureServer.TENANT, AzureServer.CLIENT, "s"));
        Clock clock = Clock.fixed(NOW, ZoneOffset.UTC);
        NetworkConfig network = new NetworkConfig(Optional.empty(), WITHIN, 0, RuleLimits.NONE);
        AzureClient client =
                new AzureClient("azure", config, network, new AzureHost(Map.of(), clock, System::nanoTime));
        return new AzureProvider("azure", layout, client, clock, System::nanoTime);
    }

    private Lookup up(String reference) {
        return up(provider(Layout.PLAIN), reference);
    }

    private static Lookup up(AzureProvider provider, String reference) {
        SecretReference parsed = ReferenceParser.parse(reference);
        return provider.fetch(provider.locate(parsed, Namespace.DEFAULT), parsed.version(), WITHIN);
    }

    private static FoundSecret found(Lookup lookup) {
        return assertInstanceOf(Lookup.Found.class, lookup).secret();
    }

    private static String value(Lookup lookup) {
        try (FoundSecret found = found(lookup);
                SecretValue value = found.open()) {
            return value.leak(bytes -> new String(bytes, StandardCharsets.UTF_8));
        }
    }

    private Failure absent(String reference) {
        return assertInstanceOf(Lookup.Absent.class, up(reference)).failure();
    }

    private AgentException refused(String reference) {
        AgentException refused = assertThrows(AgentException.class, () -> up(reference));
        assertFalse(
                refused.failure().toString().contains("words-of-theirs"),
                () -> refused.failure().toString());
        return refused;
    }

    @Test
    void servesTheCurrentVersionAsItIs() {
        server.holds("db-password", "{\\\"value\\\": \\\"ü\\\"}\\n", "");

        try (FoundSecret found = found(up("azure:db-password"))) {
            assertEquals(AzureServer.VERSION, found.version());
            assertEquals(Optional.of(Instant.ofEpochSecond(1493938410)), found.created());
            assertEquals(Optional.empty(), found.lease());
        }
        assertEquals("{\"value\": \"ü\"}\n", value(up("azure:db-password")));
        assertEquals("GET /secrets/db-password?api-version=7.6", server.asked.getFirst());
    }

    @Test
    void servesAnOlderVersion() {
        server.answers(
                "/secrets/db/" + OLDER,
                200,
                "{\"value\":\"old\",\"id\":\"https://example.vault.azure.net/secrets/db/" + OLDER + "\"}");
        try (FoundSecret found = found(up("azure:db@" + OLDER))) {
            assertEquals(OLDER, found.version());
        }
    }

    @Test
    void aLocationHasOneSpelling() {
        server.holds("db-password", "v", "");
        SecretReference reference = ReferenceParser.parse("azure:DB-Password");

        assertEquals(
                "azure:db-password",
                provider(Layout.PLAIN).locate(reference, Namespace.DEFAULT).toString());
        assertEquals("v", value(up("azure:DB-Password")));
    }

    @Test
    void unwrapsTypedSecrets() {
        server.holds("pg", "{\\\"type\\\":\\\"postgres\\\", \\\"details\\\":{\\\"port\\\": 1}}", "");
        server.holds("key", "{\\\"type\\\":\\\"generic\\\",\\\"details\\\":{\\\"value\\\":\\\"g\\\"}}", "");
        server.holds("text", "no object", "");
        AzureProvider provider = provider(Layout.BRUIN);

        assertEquals("{\"name\":\"pg\",\"port\":1}", value(up(provider, "azure:pg")));
        assertEquals("g", value(up(provider, "azure:key")));
        assertEquals(
                FailureKind.PROVIDER_MALFORMED,
                assertThrows(AgentException.class, () -> up(provider, "azure:text"))
                        .kind());
    }

    @Test
    void tellsWhatCannotBeServedApart() {
        server.holds("old", "v", ",\"exp\":1795391999");
        server.holds("soon", "v", ",\"nbf\":1795392001");
        server.answers(
                "/secrets/off",
                403,
                "{\"error\":{\"code\":\"Forbidden\",\"message\":\"words-of-theirs\",\"innererror\":{\"code\":\"SecretDisabled\"}}}");
        server.answers(
                "/deletedsecrets/gone",
                200,
                "{\"recoveryId\":\"https://example.vault.azure.net/deletedsecrets/gone\"}");

        assertEquals(
                "expired at 2026-11-22T23:59:59Z in azure", absent("azure:old").message());
        assertEquals(FailureKind.EXPIRED, absent("azure:old").kind());
        assertEquals(
                "not valid before 2026-11-23T00:00:01Z in azure",
                absent("azure:soon").message());
        assertEquals(
                "the current version is disabled in azure", absent("azure:off").message());
        assertEquals(FailureKind.VERSION_DISABLED, absent("azure:off").kind());
        assertEquals(
                "deleted in azure, and can be recovered there",
                absent("azure:gone").message());
        assertEquals("not found in azure", absent("azure:none").message());
        assertEquals(
                "version " + OLDER + " not found in azure",
                absent("azure:none@" + OLDER).message());
    }

    /** Who may not look at deleted secrets still learns that there is none. */
    @Test
    void whetherItWasDeletedMayStayUnknown() {
        server.answers("/deletedsecrets/none", 403, "{}");
        assertEquals("not found in azure", absent("azure:none").message());
        server.answers("/deletedsecrets/none", 503, "{}");
        assertEquals("not found in azure", absent("azure:none").message());
    }

    /** Or a cache would serve it after its end. */
    @Test
    void aValueIsLentUntilItExpires() {
        server.holds("db", "v", ",\"exp\":1795392090");
        try (FoundSecret found = found(up("azure:db"))) {
            assertEquals(Optional.of(Duration.ofSeconds(90)), found.lease().map(Lease::left));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "ForbiddenByFirewall, the vault's firewall does not let this machine in",
        "ForbiddenByPolicy, the vault's access policies do not name the agent's identity",
        "words-of-theirs, 'give the agent''s identity the role ''Key Vault Secrets User'', or ''get'' in an access policy'"
    })
    void saysWhyItIsDenied(String code, String hint) {
        server.answers(
                "/secrets/db", 403, "{\"error\":{\"code\":\"Forbidden\",\"innererror\":{\"code\":\"" + code + "\"}}}");
        AgentException refused = refused("azure:db");
        assertEquals(FailureKind.PROVIDER_DENIED, refused.kind());
        assertEquals(Optional.of(hint), refused.failure().hint());
    }

    @ParameterizedTest
    @CsvSource({
        "302, PROVIDER_MALFORMED",
        "400, PROVIDER_MALFORMED",
        "403, PROVIDER_DENIED",
        "409, PROVIDER_MALFORMED",
        "418, PROVIDER_MALFORMED",
        "429, PROVIDER_UNAVAILABLE",
        "500, PROVIDER_UNAVAILABLE",
        "503, PROVIDER_UNAVAILABLE"
    })
    void tellsWhatWentWrongByTheStatus(int status, FailureKind kind) {
        server.answers("/secrets/db", status, "<html>words-of-theirs</html>");
        AgentException refused = refused("azure:db");
        assertEquals(kind, refused.kind());
        assertTrue(refused.failure().message().contains("(" + status + ")"), refused::getMessage);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<html>words-of-theirs</html>",
                "{\"value\":\"words-of-theirs\"}",
                "{\"value\":\"words-of-theirs\",\"id\":\"https://x/secrets/db/../../etc\"}",
                "{\"id\":\"https://x/secrets/db/4387e9f3d6e14c459867679a90fd0f79\"}",
                "[]"
            })
    void whatIsNoSecretIsMalformed(String page) {
        server.answers("/secrets/db", 200, page);
        assertEquals(FailureKind.PROVIDER_MALFORMED, refused("azure:db").kind());
    }

    @ParameterizedTest
    @ValueSource(strings = {"azure:a/b", "azure:a_b", "azure:..", "azure:a%3fb"})
    void aNameIsOneOfKeyVault(String reference) {
        assertEquals(FailureKind.BAD_NAME, refused(reference).kind());
        assertEquals(List.of(), server.asked);
    }

    @ParameterizedTest
    @ValueSource(strings = {"azure:a@3", "azure:a@latest", "azure:a@4387E9F3D6E14C459867679A90FD0F79"})
    void aVersionHas32Digits(String reference) {
        assertEquals(FailureKind.BAD_REFERENCE, refused(reference).kind());
    }

    private Page page(Optional<String> from) {
        return provider(Layout.PLAIN).list("", from, WITHIN);
    }

    private static String item(String name, String more) {
        return "{\"id\":\"https://example.vault.azure.net/secrets/" + name
                + "\",\"contentType\":\"plainText\",\"attributes\":{\"enabled\":true,\"created\":1493938410" + more
                + "}}";
    }

    @Test
    void listsPageByPageAndOnlyInItsOwnVault() {
        try (AzureServer other = new AzureServer()) {
            server.answers(
                    "/secrets",
                    200,
                    "{\"value\":[" + item("db-password", "") + "," + item("Other", "") + "],\"nextLink\":\""
                            + other.address() + "/elsewhere?api-version=1&$skiptoken=eyJO%3D&maxresults=25\"}");
            Page first = page(Optional.empty());
            assertEquals(List.of(Listed.of("db-password"), Listed.of("Other")), first.secrets());
            assertEquals("GET /secrets?maxresults=25&api-version=7.6", server.asked.getLast());

            server.answers("/secrets", 200, "{\"value\":[],\"nextLink\":null}");
            assertEquals(Page.whole(List.of()), page(first.next()));
            assertEquals("GET /secrets?$skiptoken=eyJO%3D&api-version=7.6", server.asked.getLast());
            assertEquals(List.of(), other.asked);
        }
    }

    @Test
    void leavesOutWhatAVaultWouldNotServe() {
        server.answers(
                "/secrets",
                200,
                "{\"value\":[" + item("off", "").replace("true", "false") + ","
                        + item("over", ",\"exp\":1700000000") + ","
                        + item("early", ",\"nbf\":2000000000") + ","
                        + item("cert", "").replace("{\"id", "{\"managed\":true,\"id") + ","
                        + item("fine", ",\"exp\":2000000000,\"nbf\":1700000000") + "]}");
        assertEquals(
                List.of(
                        new Listed("off", Optional.of("disabled in azure")),
                        new Listed("over", Optional.of("expired at 2023-11-14T22:13:20Z in azure")),
                        new Listed("early", Optional.of("not valid before 2033-05-18T03:33:20Z in azure")),
                        new Listed("cert", Optional.of("belongs to a certificate in azure")),
                        Listed.of("fine")),
                page(Optional.empty()).secrets());
    }

    @Test
    void aRefusalToListNamesWhatIsNeeded() {
        server.answers(
                "/secrets", 403, "{\"error\":{\"code\":\"Forbidden\",\"innererror\":{\"code\":\"ForbiddenByRbac\"}}}");
        AgentException refused = assertThrows(AgentException.class, () -> page(Optional.empty()));
        assertEquals(
                Failure.of(
                        FailureKind.PROVIDER_DENIED,
                        "azure does not let the agent list what it has (403)",
                        "give the agent's identity the role 'Key Vault Secrets User', or 'list' in an access policy"),
                refused.failure());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<html>words-of-theirs</html>",
                "{}",
                "{\"value\":[{\"id\":\"https://x/secrets/..\"}]}",
                "{\"value\":[{}]}",
                "{\"value\":[],\"nextLink\":\"https://x/?page=2\"}"
            })
    void aListThatIsNoneIsMalformed(String body) {
        server.answers("/secrets", 200, body);
        AgentException refused = assertThrows(AgentException.class, () -> page(Optional.empty()));
        assertEquals(FailureKind.PROVIDER_MALFORMED, refused.kind());
        assertFalse(refused.failure().toString().contains("words-of-theirs"));
    }

    @Test
    void nothingIsBelowAPrefix() {
        AgentException refused = assertThrows(
                AgentException.class, () -> provider(Layout.PLAIN).list("apps/", Optional.empty(), WITHIN));
        assertEquals(FailureKind.BAD_ARGUMENT, refused.kind());
        assertEquals(List.of(), server.asked);
    }
}
