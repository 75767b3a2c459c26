package dev.latchkey.agent.provider.vault;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.latchkey.agent.backend.vault.VaultClient;
import dev.latchkey.agent.config.NetworkConfig;
import dev.latchkey.agent.config.ProviderConfig;
import dev.latchkey.agent.config.VaultConfig;
import dev.latchkey.agent.config.VaultConfig.Auth;
import dev.latchkey.agent.config.VaultConfig.Engine;
import dev.latchkey.agent.config.VaultConfig.Layout;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.policy.RuleLimits;
import dev.latchkey.agent.reference.ReferenceParser;
import dev.latchkey.agent.secret.FoundSecret;
import dev.latchkey.agent.secret.Lookup;
import dev.latchkey.agent.secret.Namespace;
import dev.latchkey.agent.secret.SecretListing.Page;
import dev.latchkey.agent.secret.SecretReference;
import dev.latchkey.agent.secret.SecretValue;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Against a real server where there is one, else against what one answered: {@code -Dlatchkey.record=true} writes that down anew.
 */
class VaultProviderTest {
    private static final Path FILES = Path.of("src/test/resources/dev/latchkey/agent/provider/vault");
    private static final Duration WITHIN = Duration.ofSeconds(20);
    private static final NetworkConfig NETWORK = new NetworkConfig(Optional.empty(), WITHIN, 0, RuleLimits.NONE);
    private static final Auth ROOT = new Auth.Token(RealVault.ROOT_TOKEN);

    private static Optional<RealVault> real = Optional.empty();
    private static KeyPair issuer;

    @TempDir
    Path folder;

    private Exchanges exchanges;

    @BeforeAll
    static void prepare() throws GeneralSecurityException {
        issuer = KeyPairGenerator.getInstance("RSA").generateKeyPair();
        real = RealVault.find();
        real.ifPresent(VaultProviderTest::fill);
    }

    private static void fill(RealVault vault) {
        vault.does("POST", "/v1/secret/data/apps/web", "{\"data\":{\"old\":\"1\"}}");
        vault.does(
                "POST",
                "/v1/secret/data/apps/web",
                "{\"data\":{\"z\":\"last\",\"api_key\":\"k\",\"port\":5432,\"none\":null}}");
        vault.does("POST", "/v1/secret/data/apps/single", "{\"data\":{\"value\":\"only\\nthis\"}}");
        vault.does("POST", "/v1/secret/data/apps/a%20b/%C3%BC%23", "{\"data\":{\"value\":\"odd\"}}");
        vault.does("POST", "/v1/secret/data/apps/gone", "{\"data\":{\"value\":\"1\"}}");
        vault.does("DELETE", "/v1/secret/data/apps/gone", "");
        vault.does(
                "POST",
                "/v1/secret/data/apps/pg",
                "{\"data\":{\"type\":\"postgres\",\"details\":{\"host\":\"h\",\"port\":1}}}");
        vault.does(
                "POST",
                "/v1/secret/data/apps/generic",
                "{\"data\":{\"type\":\"generic\",\"details\":{\"value\":\"g\"}}}");
        vault.does("POST", "/v1/sys/mounts/kv1", "{\"type\":\"kv\",\"options\":{\"version\":\"1\"}}");
        vault.does("POST", "/v1/kv1/web", "{\"a\":\"one\"}");
        vault.does("POST", "/v1/sys/namespaces/team", "{}");
        vault.does("POST", "/v1/team/sys/mounts/secret", "{\"type\":\"kv\",\"options\":{\"version\":\"1\"}}");
        vault.does("POST", "/v1/team/secret/web", "{\"value\":\"of the team\"}");
        vault.does(
                "POST",
                "/v1/sys/policies/acl/apps",
                "{\"policy\":\"path \\\"secret/data/apps/*\\\" {capabilities=[\\\"read\\\"]}\"}");
        vault.does("POST", "/v1/sys/auth/approle", "{\"type\":\"approle\"}");
        vault.does("POST", "/v1/auth/approle/role/web", "{\"token_policies\":\"apps\",\"token_ttl\":\"1h\"}");
        vault.does("POST", "/v1/auth/approle/role/web/role-id", "{\"role_id\":\"the-role\"}");
        vault.does("POST", "/v1/auth/approle/role/web/custom-secret-id", "{\"secret_id\":\"the-secret\"}");
        vault.does("POST", "/v1/sys/auth/userpass", "{\"type\":\"userpass\"}");
        vault.does("POST", "/v1/auth/userpass/users/web", "{\"password\":\"p\\\"w\",\"token_policies\":\"apps\"}");
        vault.does("POST", "/v1/sys/auth/jwt", "{\"type\":\"jwt\"}");
        vault.does(
                "POST", "/v1/auth/jwt/config", "{\"jwt_validation_pubkeys\":\"" + pem().replace("\n", "\\n") + "\"}");
        vault.does(
                "POST",
                "/v1/auth/jwt/role/web",
                "{\"role_type\":\"jwt\",\"user_claim\":\"sub\",\"bound_audiences\":[\"vault\"],\"token_policies\":\"apps\"}");
    }

    private static String pem() {
        String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'})
                .encodeToString(issuer.getPublic().getEncoded());
        return "-----BEGIN PUBLIC KEY-----\n" + base64 + "\n-----END PUBLIC KEY-----";
    }

    @BeforeEach
    void connect(TestInfo test) {
        String name = test.getTestMethod().orElseThrow().getName() + ".json";
        exchanges = real.map(vault -> Exchanges.recorded(FILES.resolve(name), vault.address()))
                .orElseGet(() -> Exchanges.replayed(FILES.resolve(name)));
    }

    @AfterEach
    void disconnect() {
        exchanges.close();
    }

    @AfterAll
    static void stop() {
        real.ifPresent(RealVault::close);
    }

    private VaultProvider provider(Auth auth, Engine engine, Layout layout, Optional<String> namespace) {
        String mount = engine == Engine.KV_V1 && namespace.isEmpty() ? "kv1" : "secret";
        String path = engine == Engine.KV_V2 ? "apps" : "";
        ProviderConfig.Vault config = new ProviderConfig.Vault(
                "vault", new VaultConfig(exchanges.address(), namespace, auth), mount, path, engine, layout, NETWORK);
        VaultClient client = new VaultClient("vault", config.backend(), NETWORK, System::nanoTime);
        return new VaultProvider(config, client, Clock.systemUTC());
    }

    private VaultProvider provider(Auth auth) {
        return provider(auth, Engine.KV_V2, Layout.PLAIN, Optional.empty());
    }

    private static Lookup up(VaultProvider provider, String reference) {
        SecretReference parsed = ReferenceParser.parse(reference);
        return provider.fetch(provider.locate(parsed, Namespace.DEFAULT), parsed.version(), WITHIN);
    }

    private static FoundSecret found(VaultProvider provider, String reference) {
        return assertInstanceOf(Lookup.Found.class, up(provider, reference)).secret();
    }

    private static String value(VaultProvider provider, String reference) {
        try (FoundSecret found = found(provider, reference);
                SecretValue value = found.open()) {
            return text(value);
        }
    }

    private static String object(VaultProvider provider, String reference) {
        try (FoundSecret found = found(provider, reference);
                SecretValue value = found.openObject()) {
            return text(value);
        }
    }

    private static String text(SecretValue value) {
        return value.leak(bytes -> new String(bytes, StandardCharsets.UTF_8));
    }

    private static Failure absent(VaultProvider provider, String reference) {
        return assertInstanceOf(Lookup.Absent.class, up(provider, reference)).failure();
    }

    @Test
    void servesTheCurrentVersionAsCompactJson() {
        try (FoundSecret secret = found(provider(ROOT), "vault:web");
                SecretValue value = secret.open()) {
            assertEquals("{\"api_key\":\"k\",\"none\":null,\"port\":5432,\"z\":\"last\"}", text(value));
            assertEquals("2", secret.version());
            assertTrue(secret.created().orElseThrow().isBefore(Instant.now()));
        }
    }

    @Test
    void servesAnOlderVersion() {
        assertEquals("{\"old\":\"1\"}", value(provider(ROOT), "vault:web@1"));
    }

    @Test
    void anOnlyValueStandsForItself() {
        assertEquals("only\nthis", value(provider(ROOT), "vault:single"));
        assertEquals("{\"value\":\"only\\nthis\"}", object(provider(ROOT), "vault:single"));
        assertEquals("g", value(provider(ROOT), "vault:generic"));
    }

    @Test
    void pathsAreEscapedOnTheirWay() {
        assertEquals("odd", value(provider(ROOT), "vault:a b/ü%23"));
    }

    @Test
    void tellsWhatIsMissingApart() {
        VaultProvider provider = provider(ROOT);

        assertEquals(
                FailureKind.SECRET_NOT_FOUND, absent(provider, "vault:none").kind());
        assertEquals("not found in vault", absent(provider, "vault:none").message());
        assertEquals(
                "version 9 not found in vault", absent(provider, "vault:web@9").message());
        assertEquals(
                "version 1 is deleted or destroyed in vault",
                absent(provider, "vault:gone").message());
    }

    @Test
    void unwrapsTypedSecrets() {
        VaultProvider provider = provider(ROOT, Engine.KV_V2, Layout.BRUIN, Optional.empty());

        assertEquals("{\"name\":\"pg\",\"host\":\"h\",\"port\":1}", value(provider, "vault:pg"));
        assertEquals("g", value(provider, "vault:generic"));
        try (FoundSecret pg = found(provider, "vault:pg")) {
            assertEquals(Optional.of("postgres"), pg.connectionType());
        }
        AgentException refused = assertThrows(AgentException.class, () -> up(provider, "vault:web"));
        assertEquals(FailureKind.PROVIDER_MALFORMED, refused.kind());
    }

    @Test
    void servesTheFirstVersionOfKv() {
        assertEquals(
                "{\"a\":\"one\"}", value(provider(ROOT, Engine.KV_V1, Layout.PLAIN, Optional.empty()), "vault:web"));
    }

    @Test
    void asksInANamespace() {
        assertEquals(
                "of the team", value(provider(ROOT, Engine.KV_V1, Layout.PLAIN, Optional.of("team")), "vault:web"));
    }

    @Test
    void listsOneFolderAtATime() {
        VaultProvider provider = provider(ROOT);

        assertEquals(
                Page.whole(List.of("a b/", "generic", "gone", "pg", "single", "web")),
                provider.list("", Optional.empty(), WITHIN));
        assertEquals(Page.whole(List.of("a b/ü#")), provider.list("a b/", Optional.empty(), WITHIN));
        assertEquals(Page.whole(List.of()), provider.list("none/", Optional.empty(), WITHIN));
    }

    @Test
    void listsTheFirstVersionOfKv() {
        assertEquals(
                Page.whole(List.of("web")),
                provider(ROOT, Engine.KV_V1, Layout.PLAIN, Optional.empty()).list("", Optional.empty(), WITHIN));
    }

    @Test
    void whatIsMadeOnRequestIsNotListed() {
        VaultProvider provider = provider(ROOT, Engine.DYNAMIC, Layout.PLAIN, Optional.empty());
        AgentException refused = assertThrows(AgentException.class, () -> provider.list("", Optional.empty(), WITHIN));
        assertEquals(FailureKind.BAD_ARGUMENT, refused.kind());
        assertEquals(List.of(), exchanges.asked);
    }

    @Test
    void aTokenThatMayNotIsDenied() {
        AgentException refused =
                assertThrows(AgentException.class, () -> up(provider(new Auth.Token("no-such-token")), "vault:web"));

        assertEquals(FailureKind.PROVIDER_DENIED, refused.kind());
        assertFalse(
                refused.failure().message().contains("permission denied"),
                () -> refused.failure().message());
    }

    @Test
    void logsInWithARole() {
        VaultProvider provider = provider(new Auth.AppRole("approle", "the-role", "the-secret"));

        assertEquals("only\nthis", value(provider, "vault:single"));
        assertEquals("only\nthis", value(provider, "vault:single"));
        assertEquals(
                List.of(
                        "POST /v1/auth/approle/login",
                        "GET /v1/secret/data/apps/single",
                        "GET /v1/secret/data/apps/single"),
                exchanges.asked);
    }

    @Test
    void aLoginThatIsRefusedSaysSo() {
        AgentException refused = assertThrows(
                AgentException.class,
                () -> up(provider(new Auth.AppRole("approle", "the-role", "wrong")), "vault:web"));

        assertEquals(FailureKind.PROVIDER_DENIED, refused.kind());
        assertEquals("vault does not let the agent log in", refused.getMessage());
    }

    @Test
    void logsInWithAPassword() {
        assertEquals("only\nthis", value(provider(new Auth.Userpass("userpass", "web", "p\"w")), "vault:single"));
    }

    @Test
    void logsInWithATokenOfAnotherIssuer() throws Exception {
        Path jwt = Files.writeString(folder.resolve("jwt"), jwt() + "\n");

        assertEquals("only\nthis", value(provider(new Auth.Jwt("jwt", "web", jwt)), "vault:single"));
    }

    private static String jwt() throws GeneralSecurityException {
        long now = Instant.now().getEpochSecond();
        String signed = part("{\"alg\":\"RS256\"}") + "."
                + part("{\"sub\":\"web\",\"aud\":\"vault\",\"iat\":" + (now - 10) + ",\"exp\":" + (now + 600) + "}");
        Signature signature = Signature.getInstance("SHA256withRSA");
        signature.initSign(issuer.getPrivate());
        signature.update(signed.getBytes(StandardCharsets.US_ASCII));
        return signed + "." + Base64.getUrlEncoder().withoutPadding().encodeToString(signature.sign());
    }

    private static String part(String json) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(json.getBytes(StandardCharsets.US_ASCII));
    }

    @ParameterizedTest
    @ValueSource(strings = {"vault:../sys/x", "vault:a//b", "vault:./a", "vault:a/", "vault:/a"})
    void aPathHasOneSpelling(String reference) {
        VaultProvider provider = provider(ROOT);
        assertEquals(
                FailureKind.BAD_NAME,
                assertThrows(AgentException.class, () -> up(provider, reference))
                        .kind());
        assertEquals(List.of(), exchanges.asked);
    }

    @ParameterizedTest
    @ValueSource(strings = {"vault:a@latest", "vault:a@0", "vault:a@-1"})
    void aVersionIsANumber(String reference) {
        VaultProvider provider = provider(ROOT);
        assertEquals(
                FailureKind.BAD_REFERENCE,
                assertThrows(AgentException.class, () -> up(provider, reference))
                        .kind());
    }
}
