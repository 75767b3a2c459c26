package dev.latchkey.agent.backend.azure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.latchkey.agent.backend.http.Endpoint;
import dev.latchkey.agent.backend.http.HttpClient;
import dev.latchkey.agent.backend.http.Script;
import dev.latchkey.agent.backend.http.Tls;
import dev.latchkey.agent.config.AzureConfig;
import dev.latchkey.agent.config.AzureConfig.Auth;
import dev.latchkey.agent.config.NetworkConfig;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.failure.UnavailableException;
import dev.latchkey.agent.policy.RuleLimits;
import dev.latchkey.agent.provider.azure.AzureServer;
import dev.latchkey.agent.provider.azure.AzureServer.Answer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How the agent gets tokens, and what it does with the words of a vault that wants one. */
@Timeout(60)
class AzureLoginTest {
    private static final Duration WITHIN = Duration.ofSeconds(20);
    private static final Instant NOW = Instant.parse("2026-11-23T00:00:00Z");
    private static final Auth SECRET = new Auth.ClientSecret(AzureServer.TENANT, AzureServer.CLIENT, "s+ c&r=t");
    private static final String RESOURCE_QUERY = "&resource=https%3A%2F%2Fvault.azure.net";

    private final AzureServer server = new AzureServer();
    private final AtomicLong now = new AtomicLong();

    @TempDir
    Path folder;

    @AfterEach
    void stop() {
        server.close();
    }

    private AzureClient client(Auth auth, Map<String, String> environment) {
        return client(server.address(), auth, environment);
    }

    private AzureClient client(String authority, Auth auth, Map<String, String> environment) {
        AzureConfig config = new AzureConfig(
                server.address(),
                Optional.empty(),
                Optional.of(authority).filter(address -> !address.isEmpty()),
                Optional.of(AzureServer.RESOURCE + "/"),
                auth);
        NetworkConfig network = new NetworkConfig(Optional.empty(), WITHIN, 0, RuleLimits.NONE);
        return new AzureClient(
                "azure", config, network, new AzureHost(environment, Clock.fixed(NOW, ZoneOffset.UTC), now::get));
    }

    private static int ask(AzureClient client) {
        try (AzureAnswer answer = client.get("/secrets/none", WITHIN)) {
            return answer.status();
        }
    }

    private static AgentException refused(AzureClient client) {
        AgentException refused = assertThrows(AgentException.class, () -> ask(client));
        assertFalse(
                refused.failure().toString().contains("words-of-theirs"),
                () -> refused.failure().toString());
        return refused;
    }

    @Test
    void anApplicationLogsInWithItsSecret() {
        assertEquals(404, ask(client(SECRET, Map.of())));
        assertEquals(
                List.of("grant_type=client_credentials&client_id=" + AzureServer.CLIENT
                        + "&scope=https%3A%2F%2Fvault.azure.net%2F.default&client_secret=s%2B+c%26r%3Dt"),
                server.forms);
    }

    @Test
    void aTokenIsKeptUntilShortlyBeforeItEnds() {
        AzureClient client = client(SECRET, Map.of());
        ask(client);
        now.addAndGet(Duration.ofMinutes(54).toNanos());
        ask(client);
        assertEquals(1, server.forms.size());

        now.addAndGet(Duration.ofMinutes(1).toNanos());
        server.token = "token-2";
        assertEquals(404, ask(client));
        assertEquals(2, server.forms.size());
    }

    @Test
    void anOldTokenServesAsLongAsItHoldsWhereNoOtherIsToBeHad() {
        AzureClient client = client(SECRET, Map.of());
        ask(client);
        server.login = new Answer(503, "words-of-theirs");
        now.addAndGet(Duration.ofMinutes(56).toNanos());
        assertEquals(404, ask(client));
        assertEquals(404, ask(client));
        assertEquals(2, server.forms.size(), "the next attempt waits a while");

        now.addAndGet(Duration.ofMinutes(5).toNanos());
        assertEquals(FailureKind.PROVIDER_UNAVAILABLE, refused(client).kind());
    }

    @Test
    void aTokenThatIsRefusedIsGotAnewOnce() {
        AzureClient client = client(SECRET, Map.of());
        ask(client);
        now.addAndGet(Duration.ofMinutes(1).toNanos());
        server.token = "token-2";

        assertEquals(404, ask(client));
        assertEquals(2, server.forms.size());
    }

    @Test
    void aNewTokenThatIsRefusedMayNot() throws IOException {
        try (Script authority =
                Script.saying(Script.answer("200 OK", "", "{\"access_token\":\"of-nobody\",\"expires_in\":3599}"))) {
            server.challenge = "Bearer authorization=\"https://127.0.0.1/" + AzureServer.TENANT + "\", resource=\""
                    + AzureServer.RESOURCE + "\"";
            AgentException refused = refused(client(authority.address(), SECRET, Map.of()));
            assertEquals("azure does not let the agent have it (401)", refused.getMessage());
            assertEquals(1, authority.requests().size());
        }
    }

    /** What a vault wants a token for, and where it says that tokens come from, is compared and never followed. */
    @ParameterizedTest
    @CsvSource({
        "'Bearer authorization=\"https://127.0.0.1/72f988bf-86f1-41af-91ab-2d7cd011db47\", resource=\"https://graph.microsoft.com\"', asks for a token of another domain than its own; and gets none",
        "'Bearer authorization=\"https://127.0.0.1/72f988bf-86f1-41af-91ab-2d7cd011db47\", resource=\"http://vault.azure.net\"', asks for a token of another domain than its own; and gets none",
        "'Bearer authorization=\"https://127.0.0.1/72f988bf-86f1-41af-91ab-2d7cd011db47\", resource=\"https://vault.azure.net:8443\"', asks for a token of another domain than its own; and gets none",
        "'Bearer authorization=\"https://127.0.0.1/72f988bf-86f1-41af-91ab-2d7cd011db47\", scope=\"https://words-of-theirs/.default\"', asks for a token of another domain than its own; and gets none",
        "'Bearer resource=\"::\"', asks for a token of another domain than its own; and gets none",
        "'Bearer authorization=\"https://login.words-of-theirs.com/72f988bf-86f1-41af-91ab-2d7cd011db47\", resource=\"https://vault.azure.net\"', names another authority than the agent's; which is not asked",
        "'Bearer authorization=\"https://127.0.0.1.evil.example/72f988bf-86f1-41af-91ab-2d7cd011db47\", resource=\"https://vault.azure.net\"', names another authority than the agent's; which is not asked",
        "'Bearer authorization=\"https://127.0.0.1/11111111-86f1-41af-91ab-2d7cd011db47\", resource=\"https://vault.azure.net\"', belongs to another directory than the agent's application",
        "'Bearer authorization=\"https://127.0.0.1/72f988bf-86f1-41af-91ab-2d7cd011db47\", scope=\"https://vault.azure.net/.default\"', does not let the agent have it (401)",
        "'', does not let the agent have it (401)"
    })
    void aChallengeIsNeverFollowed(String challenge, String says) throws IOException {
        try (Script authority =
                Script.saying(Script.answer("200 OK", "", "{\"access_token\":\"of-nobody\",\"expires_in\":3599}"))) {
            server.challenge = challenge;

            AgentException refused = refused(client(authority.address(), SECRET, Map.of()));

            assertEquals(FailureKind.PROVIDER_DENIED, refused.kind());
            assertEquals("azure " + says.replace(';', ','), refused.getMessage());
            assertEquals(1, authority.requests().size());
            assertEquals(1, server.asked.size());
        }
    }

    @Test
    void aVaultMayNameItsAuthorityByAnyOfItsNames() {
        Challenge challenge = Challenge.parse("Bearer authorization=\"https://login.windows.net/x\"");
        assertTrue(challenge.names(AzureConfig.Cloud.PUBLIC.authorities()));
        assertFalse(challenge.names(AzureConfig.Cloud.CHINA.authorities()));
    }

    @ParameterizedTest
    @CsvSource({
        "400, 7000215, PROVIDER_DENIED, 'its client secret is not the one of the application; its value is meant, not its id'",
        "401, 7000222, PROVIDER_DENIED, 'its client secret has expired: make another for the application'",
        "400, 1, PROVIDER_DENIED, 'check the ''auth'' of the provider, and the application in its directory'",
        "429, 1, PROVIDER_UNAVAILABLE, ''",
        "302, 1, PROVIDER_MALFORMED, 'check ''cloud'' and ''authority'' of the provider'"
    })
    void aLoginThatIsRefusedSaysWhy(int status, String code, FailureKind kind, String hint) {
        server.login = new Answer(
                status,
                "{\"error\":\"invalid_client\",\"error_description\":\"words-of-theirs\",\"error_codes\":[" + code
                        + "]}");
        AgentException refused = refused(client(SECRET, Map.of()));
        assertEquals(kind, refused.kind());
        assertEquals(hint, refused.failure().hint().orElse(""));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<html>words-of-theirs</html>",
                "{\"access_token\":\"a b\",\"expires_in\":1}",
                "{\"access_token\":\"\",\"expires_in\":1}",
                "{\"access_token\":\"words-of-theirs\"}",
                "{\"access_token\":\"words-of-theirs\",\"expires_in\":0}",
                "{\"expires_in\":3599}"
            })
    void whatIsNoTokenIsMalformed(String body) throws IOException {
        try (Script authority = Script.saying(Script.answer("200 OK", "", body))) {
            assertEquals(
                    FailureKind.PROVIDER_MALFORMED,
                    refused(client(authority.address(), SECRET, Map.of())).kind());
        }
    }

    @Test
    void anAuthorityThatIsABlackHoleIsGivenUp() throws IOException {
        try (Script authority = Script.doing((_, _) -> Thread.sleep(60_000))) {
            AzureClient client = client(authority.address(), SECRET, Map.of());
            assertEquals(
                    FailureKind.TIMED_OUT,
                    assertThrows(UnavailableException.class, () -> client.get("/secrets/a", Duration.ofMillis(400)))
                            .kind());
        }
    }

    @Test
    void anApplicationLogsInWithItsCertificate() throws Exception {
        Certificate own = certificate("RSA", folder.resolve("both.pem"));
        Path both = folder.resolve("both.pem");

        assertEquals(
                404,
                ask(client(new Auth.ClientCertificate(AzureServer.TENANT, AzureServer.CLIENT, both, both), Map.of())));

        String form = server.forms.getFirst();
        String start =
                "client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&client_assertion=";
        assertTrue(form.contains(start), form);
        String[] parts = form.substring(form.indexOf(start) + start.length()).split("\\.", -1);
        assertTrue(text(parts[0]).startsWith("{\"alg\":\"PS256\",\"typ\":\"JWT\",\"x5t#S256\":\""));
        String claims = text(parts[1]);
        assertTrue(
                claims.startsWith(
                        "{\"aud\":\"" + server.address() + "/" + AzureServer.TENANT + "/oauth2/v2.0/token\","),
                claims);
        assertTrue(claims.endsWith("\"nbf\":1795392000,\"exp\":1795392600}"), claims);
        Signature signature = Signature.getInstance("RSASSA-PSS");
        signature.setParameter(new PSSParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, 32, 1));
        signature.initVerify(own);
        signature.update((parts[0] + "." + parts[1]).getBytes(StandardCharsets.US_ASCII));
        assertTrue(signature.verify(Base64.getUrlDecoder().decode(parts[2])));
    }

    @Test
    void aCertificateThatCannotBeUsedIsNamed() throws Exception {
        Path ec = folder.resolve("ec.pem");
        certificate("EC", ec);
        Auth auth = new Auth.ClientCertificate(AzureServer.TENANT, AzureServer.CLIENT, ec, ec);
        assertEquals(
                ec + " has no RSA key, and no other can log in",
                refused(client(auth, Map.of())).getMessage());
    }

    private Certificate certificate(String algorithm, Path pem) throws Exception {
        Path keys = folder.resolve("keys.p12");
        String keytool = Path.of(System.getProperty("java.home"), "bin/keytool").toString();
        int status = new ProcessBuilder(
                        keytool,
                        "-genkeypair",
                        "-alias",
                        "s",
                        "-keyalg",
                        algorithm,
                        "-keystore",
                        keys.toString(),
                        "-storepass",
                        "changeit",
                        "-dname",
                        "CN=agent")
                .redirectErrorStream(true)
                .start()
                .waitFor();
        assertEquals(0, status);
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(keys)) {
            store.load(in, "changeit".toCharArray());
        }
        byte[] key = store.getKey("s", "changeit".toCharArray()).getEncoded();
        Files.writeString(
                pem,
                block("PRIVATE KEY", key)
                        + block("CERTIFICATE", store.getCertificate("s").getEncoded()));
        return store.getCertificate("s");
    }

    private static String block(String name, byte[] bytes) {
        return "-----BEGIN " + name + "-----\n" + Base64.getMimeEncoder().encodeToString(bytes) + "\n-----END " + name
                + "-----\n";
    }

    private static String text(String part) {
        return new String(Base64.getUrlDecoder().decode(part), StandardCharsets.UTF_8);
    }

    @Test
    void aWorkloadExchangesTheTokenOfItsIssuerWhichIsReadEachTime() throws IOException {
        Path token = Files.writeString(folder.resolve("token"), "issued-1\n");
        server.lifetime = "\"expires_in\":\"60\"";
        Map<String, String> environment = Map.of(
                "AZURE_TENANT_ID",
                AzureServer.TENANT,
                "AZURE_CLIENT_ID",
                AzureServer.CLIENT,
                "AZURE_FEDERATED_TOKEN_FILE",
                token.toString(),
                "AZURE_AUTHORITY_HOST",
                server.address() + "/");
        AzureClient client = client(
                "", new Auth.WorkloadIdentity(Optional.empty(), Optional.empty(), Optional.empty()), environment);
        ask(client);
        Files.writeString(token, "issued-2");
        now.addAndGet(Duration.ofMinutes(2).toNanos());
        ask(client);

        assertTrue(server.forms.getFirst().endsWith("&client_assertion=issued-1"), server.forms::toString);
        assertTrue(server.forms.getLast().endsWith("&client_assertion=issued-2"), server.forms::toString);
    }

    /** A variable can say anything, and must neither keep the agent from starting nor get a credential. */
    @ParameterizedTest
    @CsvSource({
        "login.microsoftonline.com, the authority of azure has an address that is none",
        "https://u:p@login.microsoftonline.com, the authority of azure has an address that is none",
        "' ', the authority of azure has an address that is none",
        "'http://login.microsoftonline.com', 'the authority of azure is not reached over https, and gets no credential'",
        "unix:///run/s, 'the authority of azure is not reached over https, and gets no credential'"
    })
    void anAuthorityOfTheEnvironmentIsChecked(String authority, String message) {
        Map<String, String> environment = Map.of(
                "AZURE_TENANT_ID",
                AzureServer.TENANT,
                "AZURE_CLIENT_ID",
                AzureServer.CLIENT,
                "AZURE_CLIENT_SECRET",
                "s",
                "AZURE_AUTHORITY_HOST",
                authority);
        assertEquals(
                message, refused(client("", new Auth.Default(), environment)).getMessage());
    }

    @Test
    void aWorkloadIdentityThatLacksSomethingSaysWhat() {
        Auth none = new Auth.WorkloadIdentity(Optional.empty(), Optional.empty(), Optional.empty());
        assertEquals(
                "azure has no workload identity: AZURE_TENANT_ID is not set",
                refused(client(none, Map.of())).getMessage());
        Path missing = folder.resolve("missing");
        Auth named = new Auth.WorkloadIdentity(
                Optional.of(AzureServer.TENANT), Optional.of(AzureServer.CLIENT), Optional.of(missing));
        assertEquals(
                missing + " cannot be read: it does not exist",
                refused(client(named, Map.of())).getMessage());
    }

    @Test
    void aMachineHasItsIdentityFromTheMetadataService() {
        Map<String, String> environment = Map.of("AZURE_POD_IDENTITY_AUTHORITY_HOST", server.address());
        assertEquals(404, ask(client(new Auth.ManagedIdentity(Optional.of(AzureServer.CLIENT)), environment)));
        assertEquals(
                List.of("/metadata/identity/oauth2/token?api-version=2018-02-01" + RESOURCE_QUERY + "&client_id="
                        + AzureServer.CLIENT),
                server.forms);
    }

    @Test
    void anAppHasItsIdentityFromItsPlatform() {
        server.lifetime = "\"expires_on\":\"1795392060\"";
        Map<String, String> environment =
                Map.of("IDENTITY_ENDPOINT", server.address() + "/msi/token/", "IDENTITY_HEADER", "of-the-app");
        AzureClient client = client(new Auth.ManagedIdentity(Optional.empty()), environment);
        assertEquals(404, ask(client));
        now.addAndGet(Duration.ofSeconds(61).toNanos());
        assertEquals(404, ask(client));

        String asked = "/msi/token?api-version=2019-08-01" + RESOURCE_QUERY;
        assertEquals(List.of(asked, asked), server.forms);
    }

    @ParameterizedTest
    @CsvSource({
        "400, azure has no such managed identity here (400)",
        "403, azure has no such managed identity here (403)",
        "404, the managed identity of azure cannot be had now (404)",
        "410, the managed identity of azure cannot be had now (410)",
        "429, the managed identity of azure cannot be had now (429)",
        "302, who gives the managed identity of azure does not take the request (302)"
    })
    void aManagedIdentityThatIsNotGivenSaysSo(int status, String message) {
        server.login = new Answer(status, "{\"error\":\"words-of-theirs\"}");
        Map<String, String> environment = Map.of("AZURE_POD_IDENTITY_AUTHORITY_HOST", server.address());
        assertEquals(
                message,
                refused(client(new Auth.ManagedIdentity(Optional.empty()), environment))
                        .getMessage());
    }

    @Test
    void byDefaultTheEnvironmentDecidesInTheOrderOfTheVendorsLibraries() throws IOException {
        Path token = Files.writeString(folder.resolve("token"), "issued");
        Map<String, String> machine = Map.of("AZURE_POD_IDENTITY_AUTHORITY_HOST", server.address());
        Map<String, String> workload = Map.of(
                "AZURE_TENANT_ID",
                AzureServer.TENANT,
                "AZURE_CLIENT_ID",
                AzureServer.CLIENT,
                "AZURE_FEDERATED_TOKEN_FILE",
                token.toString(),
                "AZURE_CLIENT_SECRET",
                "",
                "AZURE_POD_IDENTITY_AUTHORITY_HOST",
                server.address());
        Map<String, String> secret = new HashMap<>(workload);
        secret.put("AZURE_CLIENT_SECRET", "s");

        ask(client(new Auth.Default(), machine));
        ask(client(new Auth.Default(), workload));
        ask(client(new Auth.Default(), secret));

        assertTrue(server.forms.get(0).startsWith("/metadata/"), server.forms::toString);
        assertTrue(server.forms.get(1).endsWith("&client_assertion=issued"), server.forms::toString);
        assertTrue(server.forms.get(2).endsWith("&client_secret=s"), server.forms::toString);
    }

    @Test
    void whereThereIsNothingToLogInWithItSaysWhatIsLookedFor() {
        Map<String, String> environment = Map.of("AZURE_POD_IDENTITY_AUTHORITY_HOST", "http://127.0.0.1:1");
        AgentException refused = refused(client(new Auth.Default(), environment));
        assertEquals(
                "azure finds nothing to log in with: the managed identity of azure cannot be reached: connection refused",
                refused.getMessage());
        assertTrue(refused.failure().hint().orElseThrow().contains("AZURE_TENANT_ID"));
    }

    /** The token is nowhere any more, and the next request gets another. */
    @Test
    void closingWipesTheToken() {
        Grant[] given = new Grant[1];
        Application application = new Application(
                "azure",
                new Application.Registration(AzureServer.TENANT, AzureServer.CLIENT, new Assertion.Secret("s")),
                AzureServer.RESOURCE,
                new HttpClient("azure", Endpoint.parse(server.address()).orElseThrow(), Tls.USUAL),
                Clock.fixed(NOW, ZoneOffset.UTC));
        AzureSession session = new AzureSession(
                within -> {
                    given[0] = application.grant(within);
                    return given[0];
                },
                now::get);
        assertEquals("Bearer token-1", new String(session.authorization(WITHIN), StandardCharsets.US_ASCII));
        Grant first = given[0];

        session.close();

        assertEquals("\0".repeat(14), new String(first.copyOfHeader(), StandardCharsets.US_ASCII));
        assertEquals(14, session.authorization(WITHIN).length);
        assertEquals(2, server.forms.size());
    }

    @ParameterizedTest
    @CsvSource({
        "https://example.vault.azure.net, https://vault.azure.net, login.microsoftonline.com",
        "https://Example.Vault.Azure.Net, https://vault.azure.net, login.microsoftonline.com",
        "https://example.vault.usgovcloudapi.net, https://vault.usgovcloudapi.net, login.microsoftonline.us",
        "https://example.vault.azure.cn, https://vault.azure.cn, login.chinacloudapi.cn",
        "https://example.managedhsm.azure.net, https://managedhsm.azure.net, login.microsoftonline.com",
        "https://example.vault.azure.net.evil.example, https://vault.azure.net.evil.example, login.microsoftonline.com"
    })
    void aVaultsNameSaysWhatTokensAreForAndWhoGivesThem(String url, String resource, String authority) {
        AzureConfig config =
                new AzureConfig(url, Optional.empty(), Optional.empty(), Optional.empty(), new Auth.Default());
        assertEquals(resource, config.effectiveResource());
        assertEquals(authority, config.effectiveCloud().authorities().getFirst());
    }
}
