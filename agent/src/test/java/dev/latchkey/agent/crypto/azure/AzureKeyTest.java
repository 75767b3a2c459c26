package dev.latchkey.agent.crypto.azure;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.latchkey.agent.backend.azure.AzureClient;
import dev.latchkey.agent.backend.azure.AzureHost;
import dev.latchkey.agent.config.AzureConfig;
import dev.latchkey.agent.config.AzureConfig.Auth;
import dev.latchkey.agent.config.NetworkConfig;
import dev.latchkey.agent.crypto.AuthenticationException;
import dev.latchkey.agent.crypto.KeyContext;
import dev.latchkey.agent.crypto.KeyEncryptionKey.Generation;
import dev.latchkey.agent.crypto.WrappedKey;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.policy.RuleLimits;
import dev.latchkey.agent.provider.azure.AzureServer;
import dev.latchkey.agent.provider.azure.AzureServer.Answer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.MGF1ParameterSpec;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Cipher;
import javax.crypto.spec.OAEPParameterSpec;
import javax.crypto.spec.PSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Against a server of the test that wraps as Key Vault is published to (keys, data plane 7.6), with RSA keys of 2048 bits. */
@Timeout(60)
class AzureKeyTest {
    private static final Duration WITHIN = Duration.ofSeconds(20);
    private static final KeyContext CONTEXT = new KeyContext("store-1", "project web", "key-1");
    private static final String OLD = "0".repeat(31) + "1";
    private static final String NEW = "0".repeat(31) + "2";
    private static final Pattern REQUEST =
            Pattern.compile("\\{\"alg\":\"RSA-OAEP-256\",\"value\":\"([A-Za-z0-9_-]+)\"}");
    private static final byte[] DATA_KEY = "a data key of thirty-two bytes..".getBytes(StandardCharsets.US_ASCII);

    private static KeyPair oldPair;
    private static KeyPair newPair;

    private final AzureServer server = new AzureServer();
    private final AzureKey key = key();

    @BeforeAll
    static void makeKeys() throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        oldPair = generator.generateKeyPair();
        newPair = generator.generateKeyPair();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private AzureKey key() {
        AzureConfig config = new AzureConfig(
                server.address(),
                Optional.empty(),
                Optional.of(server.address()),
                Optional.of(AzureServer.RESOURCE),
                new Auth.ClientSecret(AzureServer.TENANT, AzureServer.CLIENT, "s"));
        NetworkConfig network = new NetworkConfig(Optional.empty(), WITHIN, 0, RuleLimits.NONE);
        AzureHost host = new AzureHost(Map.of(), Clock.systemUTC(), System::nanoTime);
        AzureClient client = new AzureClient(AzureKey.name("kek"), config, network, host);
        return new AzureKey(client, server.address(), "kek", System::nanoTime);
    }

    private static String item(String version, boolean enabled, long created) {
        return "{\"kid\":\"https://example.vault.azure.net/keys/Kek/" + version + "\",\"attributes\":{\"enabled\":"
                + enabled + ",\"created\":" + created + "}}";
    }

    private void lists(String... items) {
        server.answers("/keys/kek/versions", 200, "{\"value\":[" + String.join(",", items) + "],\"nextLink\":null}");
    }

    /** Of its token nothing is left (AzureLoginTest), so what is asked after that needs another. */
    @Test
    void closingForgetsTheToken() {
        lists(item(NEW, true, 2));
        key.generations(WITHIN);
        key.generations(WITHIN);
        assertEquals(1, server.forms.size());

        key.close();

        assertEquals(1, key.generations(WITHIN).size());
        assertEquals(2, server.forms.size());
    }

    private void holds(String version, KeyPair pair) {
        server.does("/keys/kek/" + version + "/wrapkey", body -> answer(version, Cipher.WRAP_MODE, pair, body));
        server.does("/keys/kek/" + version + "/unwrapkey", body -> answer(version, Cipher.UNWRAP_MODE, pair, body));
    }

    private static Answer answer(String version, int mode, KeyPair pair, String body) {
        Matcher request = REQUEST.matcher(body);
        assertTrue(request.matches(), body);
        try {
            Cipher cipher = Cipher.getInstance("RSA/ECB/OAEPPadding");
            OAEPParameterSpec oaep =
                    new OAEPParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, PSource.PSpecified.DEFAULT);
            boolean wraps = mode == Cipher.WRAP_MODE;
            cipher.init(
                    wraps ? Cipher.ENCRYPT_MODE : Cipher.DECRYPT_MODE,
                    wraps ? pair.getPublic() : pair.getPrivate(),
                    oaep);
            byte[] result = cipher.doFinal(Base64.getUrlDecoder().decode(request.group(1)));
            return new Answer(
                    200,
                    "{\"kid\":\"https://example.vault.azure.net/keys/Kek/" + version + "\",\"value\":\""
                            + Base64.getUrlEncoder().withoutPadding().encodeToString(result) + "\"}");
        } catch (GeneralSecurityException e) {
            return new Answer(400, "{\"error\":{\"code\":\"BadParameter\",\"message\":\"words-of-theirs\"}}");
        }
    }

    @Test
    void opensWhatItWrapped() throws Exception {
        lists(item(NEW, true, 1));
        holds(NEW, newPair);

        WrappedKey wrapped = key.wrap(DATA_KEY, CONTEXT, WITHIN);

        assertEquals("kek/" + NEW, wrapped.kek());
        assertEquals(256, wrapped.bytes().length);
        assertArrayEquals(DATA_KEY, key.unwrap(wrapped, CONTEXT, WITHIN));
        assertEquals("azure-key-vault", key.kind());
        assertEquals(server.address() + "/keys/kek", key.where());
    }

    @Test
    void opensNothingInAnotherPlace() {
        lists(item(NEW, true, 1));
        holds(NEW, newPair);
        WrappedKey wrapped = key.wrap(DATA_KEY, CONTEXT, WITHIN);

        for (KeyContext other : List.of(
                new KeyContext("store-2", "project web", "key-1"),
                new KeyContext("store-1", "project shop", "key-1"),
                new KeyContext("store-1", "project web", "key-2"))) {
            assertThrows(AuthenticationException.class, () -> key.unwrap(wrapped, other, WITHIN));
        }
    }

    /** Somebody else's use of the same key makes no data key of ours. */
    @Test
    void opensNothingThatIsNotBound() throws Exception {
        holds(NEW, newPair);
        for (byte[] foreign : List.of(DATA_KEY, new byte[65], new byte[] {1})) {
            String body = "{\"alg\":\"RSA-OAEP-256\",\"value\":\""
                    + Base64.getUrlEncoder().withoutPadding().encodeToString(foreign) + "\"}";
            String answer = answer(NEW, Cipher.WRAP_MODE, newPair, body).body();
            String value = answer.substring(answer.indexOf("\"value\":\"") + 9, answer.length() - 2);
            WrappedKey wrapped =
                    new WrappedKey("kek/" + NEW, Base64.getUrlDecoder().decode(value));
            assertThrows(AuthenticationException.class, () -> key.unwrap(wrapped, CONTEXT, WITHIN));
        }
    }

    @Test
    void opensNothingThatWasChanged() {
        lists(item(NEW, true, 1));
        holds(NEW, newPair);
        WrappedKey wrapped = key.wrap(DATA_KEY, CONTEXT, WITHIN);
        byte[] bytes = wrapped.bytes().clone();
        bytes[100] ^= 1;

        assertThrows(
                AuthenticationException.class, () -> key.unwrap(new WrappedKey(wrapped.kek(), bytes), CONTEXT, WITHIN));
    }

    @Test
    void everyEnabledVersionIsAGenerationAndTheNewestWraps() throws Exception {
        holds(OLD, oldPair);
        holds(NEW, newPair);
        lists(item(OLD, true, 1));
        WrappedKey first = key.wrap(DATA_KEY, CONTEXT, WITHIN);
        lists(item(OLD, true, 1), item("0".repeat(31) + "3", false, 3), item(NEW, true, 2));
        WrappedKey second = key.wrap(DATA_KEY, CONTEXT, WITHIN);

        assertEquals(
                List.of(
                        new Generation("kek/" + NEW, Instant.ofEpochSecond(2)),
                        new Generation("kek/" + OLD, Instant.ofEpochSecond(1))),
                key.generations(WITHIN));
        assertEquals("kek/" + OLD, first.kek());
        assertEquals("kek/" + NEW, second.kek());
        assertArrayEquals(DATA_KEY, key.unwrap(first, CONTEXT, WITHIN));
        assertArrayEquals(DATA_KEY, key.unwrap(second, CONTEXT, WITHIN));
    }

    /** Only the place in the list is taken from the link, not where it leads. */
    @Test
    void followsPagesWithinItsVaultAlone() {
        server.does(
                "/keys/kek/versions",
                _ -> new Answer(
                        200,
                        server.asked.getLast().contains("skiptoken")
                                ? "{\"value\":[" + item(OLD, true, 1) + "]}"
                                : "{\"value\":[" + item(NEW, true, 2)
                                        + "],\"nextLink\":\"https://words-of-theirs.example/keys/kek/versions?api-version=7.6&$skiptoken=eyJO%3D&maxresults=1\"}"));

        assertEquals(2, key.generations(WITHIN).size());
        assertEquals("GET /keys/kek/versions?$skiptoken=eyJO%3D&api-version=7.6", server.asked.getLast());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"value\":[],\"nextLink\":\"https://x/?page=2\"}",
                "{\"value\":[],\"nextLink\":\"https://x/?$skiptoken=same\"}",
                "{\"value\":[{\"kid\":\"https://x/keys/kek/../etc\",\"attributes\":{\"enabled\":true,\"created\":1}}]}",
                "{\"value\":[{\"kid\":\"https://x/keys/kek/00000000000000000000000000000001\",\"attributes\":{\"enabled\":true}}]}",
                "<html>words-of-theirs</html>"
            })
    void aListThatIsNoneIsMalformed(String body) {
        server.does("/keys/kek/versions", _ -> new Answer(200, body));
        AgentException refused = assertThrows(AgentException.class, () -> key.generations(WITHIN));
        assertEquals(FailureKind.PROVIDER_MALFORMED, refused.kind());
        assertFalse(refused.failure().toString().contains("words-of-theirs"));
    }

    @Test
    void aKeyThatIsNotThereHasNoGenerations() {
        assertEquals(List.of(), key.generations(WITHIN));
        AgentException refused = assertThrows(AgentException.class, () -> key.wrap(DATA_KEY, CONTEXT, WITHIN));
        assertEquals("azure-key-vault kek has no enabled version", refused.getMessage());
    }

    @ParameterizedTest
    @CsvSource({
        "403, KeyDisabled, STATE_UNUSABLE",
        "403, KeyExpired, STATE_UNUSABLE",
        "403, ForbiddenByRbac, PROVIDER_DENIED",
        "400, BadParameter, PROVIDER_MALFORMED",
        "404, KeyNotFound, PROVIDER_MALFORMED",
        "429, Throttled, PROVIDER_UNAVAILABLE",
        "503, Unavailable, PROVIDER_UNAVAILABLE"
    })
    void tellsApartWhyNothingIsWrapped(int status, String code, FailureKind kind) {
        lists(item(NEW, true, 1));
        server.does(
                "/keys/kek/" + NEW + "/wrapkey",
                _ -> new Answer(
                        status,
                        "{\"error\":{\"code\":\"Forbidden\",\"message\":\"words-of-theirs\",\"innererror\":{\"code\":\""
                                + code + "\"}}}"));
        AgentException refused = assertThrows(AgentException.class, () -> key.wrap(DATA_KEY, CONTEXT, WITHIN));
        assertEquals(kind, refused.kind());
        assertFalse(refused.failure().toString().contains("words-of-theirs"));
    }

    @Test
    void aWrapUnderAnotherVersionIsNotTaken() {
        lists(item(NEW, true, 1));
        server.does("/keys/kek/" + NEW + "/wrapkey", body -> answer(OLD, Cipher.WRAP_MODE, oldPair, body));
        assertEquals(
                FailureKind.PROVIDER_MALFORMED,
                assertThrows(AgentException.class, () -> key.wrap(DATA_KEY, CONTEXT, WITHIN))
                        .kind());
    }

    @Test
    void aVersionThatIsGoneOpensNothingAndOneThatIsDeniedSaysSo() {
        WrappedKey wrapped = new WrappedKey("kek/" + OLD, new byte[256]);
        assertThrows(AuthenticationException.class, () -> key.unwrap(wrapped, CONTEXT, WITHIN));
        for (String id : List.of("other/" + OLD, "kek/../" + OLD, "kek", "transit/kek:v1:1")) {
            assertThrows(
                    AuthenticationException.class,
                    () -> key.unwrap(new WrappedKey(id, new byte[256]), CONTEXT, WITHIN));
        }
        server.answers("/keys/kek/" + OLD + "/unwrapkey", 403, "{}");
        assertEquals(
                FailureKind.PROVIDER_DENIED,
                assertThrows(AgentException.class, () -> key.unwrap(wrapped, CONTEXT, WITHIN))
                        .kind());
    }

    @Test
    void whatIsWrappedFitsASmallKey() {
        byte[] bound = BoundKey.bound(DATA_KEY, CONTEXT);
        assertEquals(65, bound.length);
        assertThrows(IllegalStateException.class, () -> BoundKey.bound(new byte[158], CONTEXT));
        Arrays.fill(bound, (byte) 0);
    }
}
