package dev.latchkey.agent.crypto.vaulttransit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.latchkey.agent.backend.http.Script;
import dev.latchkey.agent.backend.vault.VaultClient;
import dev.latchkey.agent.cache.BackendNews;
import dev.latchkey.agent.cache.Clockwork;
import dev.latchkey.agent.cache.Guard;
import dev.latchkey.agent.cache.GuardedKey;
import dev.latchkey.agent.cache.Limits;
import dev.latchkey.agent.config.NetworkConfig;
import dev.latchkey.agent.config.VaultConfig;
import dev.latchkey.agent.config.VaultConfig.Auth;
import dev.latchkey.agent.crypto.AesKey;
import dev.latchkey.agent.crypto.AuthenticationException;
import dev.latchkey.agent.crypto.KeyContext;
import dev.latchkey.agent.crypto.KeyEncryptionKey;
import dev.latchkey.agent.crypto.KeyEncryptionKey.Generation;
import dev.latchkey.agent.crypto.KeyEncryptionKey.ToUnwrap;
import dev.latchkey.agent.crypto.KeyEncryptionKey.ToWrap;
import dev.latchkey.agent.crypto.KeyMemory;
import dev.latchkey.agent.crypto.WrappedKey;
import dev.latchkey.agent.crypto.keyfile.KeyFile;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.failure.UnavailableException;
import dev.latchkey.agent.memory.LockedMemory;
import dev.latchkey.agent.policy.RuleLimits;
import dev.latchkey.agent.provider.vault.Exchanges;
import dev.latchkey.agent.provider.vault.RealVault;
import dev.latchkey.agent.secret.Lookup;
import dev.latchkey.agent.secret.Namespace;
import dev.latchkey.agent.secret.NamingRule;
import dev.latchkey.agent.secret.ProjectName;
import dev.latchkey.agent.secret.SecretLocation;
import dev.latchkey.agent.secret.SecretName;
import dev.latchkey.agent.secret.SecretPath;
import dev.latchkey.agent.secret.SecretStore.Details;
import dev.latchkey.agent.secret.SecretValue;
import dev.latchkey.agent.secret.StoreCustody.Kek;
import dev.latchkey.agent.store.EmbeddedStore;
import dev.latchkey.agent.store.StateFolder;
import dev.latchkey.agent.store.StoreConfig;
import dev.latchkey.agent.store.StoreListener;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
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
class TransitKeyTest {
    private static final Path FILES = Path.of("src/test/resources/dev/latchkey/agent/crypto/vaulttransit");
    private static final Duration WITHIN = Duration.ofSeconds(20);
    private static final NetworkConfig NETWORK = new NetworkConfig(Optional.empty(), WITHIN, 0, RuleLimits.NONE);
    private static final Auth ROOT = new Auth.Token(RealVault.ROOT_TOKEN);
    private static final KeyContext CONTEXT = new KeyContext("store-1", "project web", "key-1");
    private static final KeyMemory MEMORY = new KeyMemory(new LockedMemory(_ -> {}));

    /** What docs/guide/keys.md gives the agent. */
    private static final String POLICY = """
            path \\"transit/keys/least\\" {capabilities=[\\"read\\"]} \
            path \\"transit/encrypt/least\\" {capabilities=[\\"update\\"]} \
            path \\"transit/decrypt/least\\" {capabilities=[\\"update\\"]}""";

    private static Optional<RealVault> real = Optional.empty();

    @TempDir
    Path folder;

    private Exchanges exchanges;

    @BeforeAll
    static void prepare() {
        real = RealVault.find();
        real.ifPresent(TransitKeyTest::fill);
    }

    private static void fill(RealVault vault) {
        vault.does("POST", "/v1/sys/mounts/transit", "{\"type\":\"transit\"}");
        for (String key : List.of("plain", "rotated", "raised", "moved", "least")) {
            vault.does("POST", "/v1/transit/keys/" + key, "{}");
        }
        vault.does("POST", "/v1/transit/keys/derived", "{\"derived\":true,\"type\":\"chacha20-poly1305\"}");
        vault.does("POST", "/v1/transit/keys/asymmetric", "{\"type\":\"rsa-2048\"}");
        vault.does("POST", "/v1/sys/policies/acl/least", "{\"policy\":\"" + POLICY + "\"}");
        vault.does("POST", "/v1/sys/auth/userpass", "{\"type\":\"userpass\"}");
        vault.does("POST", "/v1/auth/userpass/users/agent", "{\"password\":\"pw\",\"token_policies\":\"least\"}");
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

    private static void asOwner(String path, String body) {
        real.ifPresent(vault -> vault.does("POST", "/v1/transit/keys/" + path, body));
    }

    private static TransitKey key(String address, String key, Auth auth) {
        VaultConfig config = new VaultConfig(address, Optional.empty(), auth);
        String name = TransitKey.name("transit", key);
        VaultClient client = new VaultClient(name, config, NETWORK, System::nanoTime);
        return new TransitKey(client, address, "transit", key, System::nanoTime);
    }

    private TransitKey key(String name) {
        return key(exchanges.address(), name, ROOT);
    }

    private static byte[] dataKey() {
        byte[] bytes = new byte[AesKey.BYTES];
        new Random(5).nextBytes(bytes);
        return bytes;
    }

    private static List<String> ids(TransitKey key) {
        return key.generations(WITHIN).stream()
                .map(Generation::id)
                .map(id -> id.substring(0, id.lastIndexOf(':')))
                .toList();
    }

    @Test
    void opensWhatItWrapped() throws Exception {
        TransitKey key = key("plain");

        WrappedKey wrapped = key.wrap(dataKey(), CONTEXT, WITHIN);

        assertEquals(key.generations(WITHIN).getFirst().id(), wrapped.kek());
        assertTrue(new String(wrapped.bytes(), StandardCharsets.US_ASCII).startsWith("vault:v1:"));
        assertArrayEquals(dataKey(), key.unwrap(wrapped, CONTEXT, WITHIN));
        assertEquals("vault-transit", key.kind());
        assertEquals(exchanges.address() + "/transit/keys/plain", key.where());
    }

    private static List<KeyContext> contexts(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> new KeyContext("store-1", "project p" + i, "key-" + i))
                .toList();
    }

    private static List<ToWrap> bare(int count) {
        return contexts(count).stream()
                .map(context -> new ToWrap(dataKey(), context))
                .toList();
    }

    @Test
    void severalAreWrappedAndOpenedInOneRequestEach() {
        for (String name : List.of("plain", "derived")) {
            TransitKey key = key(name);
            int most = key.most();

            List<WrappedKey> wrapped = key.wrapAll(bare(most), WITHIN);
            List<Optional<byte[]>> opened = key.unwrapAll(unwrapped(wrapped, contexts(most)), WITHIN);

            assertEquals(100, most);
            assertEquals(most, opened.size());
            opened.forEach(each -> assertArrayEquals(dataKey(), each.orElseThrow()));
            String newest = key.generations(WITHIN).getFirst().id();
            wrapped.forEach(each -> assertEquals(newest, each.kek()));
            assertEquals(1, exchanges.count("POST /v1/transit/encrypt/" + name));
            assertEquals(1, exchanges.count("POST /v1/transit/decrypt/" + name));
        }
    }

    private static List<ToUnwrap> unwrapped(List<WrappedKey> wrapped, List<KeyContext> contexts) {
        return IntStream.range(0, wrapped.size())
                .mapToObj(i -> new ToUnwrap(wrapped.get(i), contexts.get(i)))
                .toList();
    }

    @Test
    void ofSeveralOnlyThoseAreOpenedThatAreInTheirPlace() {
        TransitKey key = key("plain");
        List<WrappedKey> wrapped = key.wrapAll(bare(3), WITHIN);
        List<KeyContext> contexts = new ArrayList<>(contexts(3));
        contexts.set(1, CONTEXT);

        assertEquals(
                List.of(true, false, true),
                key.unwrapAll(unwrapped(wrapped, contexts), WITHIN).stream()
                        .map(Optional::isPresent)
                        .toList());
        assertEquals(
                List.of(Optional.empty()), key.unwrapAll(unwrapped(wrapped.subList(0, 1), List.of(CONTEXT)), WITHIN));
    }

    /** Looks its token up first, as every client does. */
    private static Script inTurn(String... answers) throws IOException {
        AtomicInteger turn = new AtomicInteger();
        return Script.doing((_, out) -> {
            int now = turn.getAndIncrement();
            String body = now == 0 ? Script.answer("200 OK", "", "{\"data\":{\"ttl\":0}}") : answers[now - 1];
            out.write(body.getBytes(StandardCharsets.ISO_8859_1));
        });
    }

    @Test
    void aServerThatTakesNoSuchBatchIsAskedOneByOneFromThenOn() throws IOException {
        String plain = Base64.getEncoder().encodeToString(dataKey());
        String refused = Script.answer("400 x", "", "{\"errors\":[\"exceeded maximum number of strings\"]}");
        String one = Script.answer("200 OK", "", "{\"data\":{\"plaintext\":\"" + plain + "\"}}");
        try (Script server = inTurn(refused, one, Script.answer("400 x", "", "{}"))) {
            TransitKey key = key(server.address(), "plain", ROOT);
            WrappedKey any = new WrappedKey("k", new byte[] {'v'});

            List<Optional<byte[]>> opened = key.unwrapAll(unwrapped(List.of(any, any), contexts(2)), WITHIN);

            assertArrayEquals(dataKey(), opened.getFirst().orElseThrow());
            assertEquals(Optional.empty(), opened.getLast());
            assertEquals(4, server.requests().size());
            assertEquals(1, key.most());
        }
    }

    @Test
    void oneOfSeveralThatIsNotWrappedIsNamed() throws IOException {
        String body =
                "{\"data\":{\"batch_results\":[{\"ciphertext\":\"vault:v1:AAAA\"},{\"error\":\"AAAA\"}],\"type\":\"aes256-gcm96\","
                        + "\"latest_version\":1,\"keys\":{\"1\":1700000000}}}";
        try (Script server = inTurn(Script.answer("400 x", "", body), Script.answer("200 OK", "", body))) {
            TransitKey key = key(server.address(), "plain", ROOT);

            Failure failure = assertThrows(AgentException.class, () -> key.wrapAll(bare(2), WITHIN))
                    .failure();

            assertEquals(FailureKind.PROVIDER_MALFORMED, failure.kind());
            assertEquals(
                    "vault-transit transit/plain answers without a ciphertext for the key of project p1",
                    failure.message());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<html>gateway</html>",
                "{}",
                "{\"data\":{\"batch_results\":null}}",
                "{\"data\":{\"batch_results\":[{\"plaintext\":\"AAAA\"}]}}",
                "{\"data\":{\"batch_results\":[{\"plaintext\":\"AAAA\"},{\"plaintext\":\"%%\"}]}}"
            })
    void anAnswerAboutSeveralThatIsNoneIsSaidWithoutItsText(String body) throws IOException {
        try (Script server = inTurn(Script.answer("200 OK", "", body))) {
            TransitKey key = key(server.address(), "plain", ROOT);
            WrappedKey any = new WrappedKey("k", new byte[] {'v'});

            Failure failure = assertThrows(
                            AgentException.class,
                            () -> key.unwrapAll(unwrapped(List.of(any, any), contexts(2)), WITHIN))
                    .failure();

            assertEquals(FailureKind.PROVIDER_MALFORMED, failure.kind());
            assertFalse(failure.message().contains("AAAA"), failure.message());
        }
    }

    @Test
    void aKeyWithDerivationIsGivenItsContext() throws Exception {
        TransitKey key = key("derived");

        assertArrayEquals(dataKey(), key.unwrap(key.wrap(dataKey(), CONTEXT, WITHIN), CONTEXT, WITHIN));
    }

    @Test
    void opensNothingInAnotherPlace() {
        TransitKey key = key("plain");
        WrappedKey wrapped = key.wrap(dataKey(), CONTEXT, WITHIN);

        for (KeyContext other : List.of(
                new KeyContext("store-2", "project web", "key-1"),
                new KeyContext("store-1", "project shop", "key-1"),
                new KeyContext("store-1", "project web", "key-2"))) {
            assertThrows(AuthenticationException.class, () -> key.unwrap(wrapped, other, WITHIN));
        }
    }

    @Test
    void everyVersionIsAGeneration() throws Exception {
        TransitKey key = key("rotated");
        WrappedKey first = key.wrap(dataKey(), CONTEXT, WITHIN);
        asOwner("rotated/rotate", "{}");

        WrappedKey second = key.wrap(dataKey(), CONTEXT, WITHIN);

        assertEquals(List.of("transit/rotated:v2", "transit/rotated:v1"), ids(key));
        assertTrue(first.kek().startsWith("transit/rotated:v1:"), first.kek());
        assertTrue(second.kek().startsWith("transit/rotated:v2:"), second.kek());
        assertArrayEquals(dataKey(), key.unwrap(first, CONTEXT, WITHIN));
    }

    @Test
    void aVersionBelowTheLowestAllowedIsNoGeneration() {
        TransitKey key = key("raised");
        WrappedKey first = key.wrap(dataKey(), CONTEXT, WITHIN);
        asOwner("raised/rotate", "{}");
        asOwner("raised/config", "{\"min_decryption_version\":2}");

        assertEquals(List.of("transit/raised:v2"), ids(key));
        assertThrows(AuthenticationException.class, () -> key.unwrap(first, CONTEXT, WITHIN));
    }

    @Test
    void aKeyThatIsNotThereHasNoGenerations() {
        assertEquals(List.of(), key("none").generations(WITHIN));
    }

    @Test
    void aTypeThatBindsNothingIsRefused() {
        Failure failure = assertThrows(
                        AgentException.class, () -> key("asymmetric").generations(WITHIN))
                .failure();

        assertEquals(FailureKind.STATE_UNUSABLE, failure.kind());
        assertEquals(
                "vault-transit transit/asymmetric is of a type that cannot bind what it encrypts to its place",
                failure.message());
    }

    @Test
    void needsNoMoreThanTheGuideGrants() throws Exception {
        Auth auth = new Auth.Userpass("userpass", "agent", "pw");
        TransitKey key = key(exchanges.address(), "least", auth);

        assertArrayEquals(dataKey(), key.unwrap(key.wrap(dataKey(), CONTEXT, WITHIN), CONTEXT, WITHIN));

        TransitKey other = key(exchanges.address(), "plain", auth);
        Failure denied = assertThrows(AgentException.class, () -> other.generations(WITHIN))
                .failure();
        assertEquals(FailureKind.PROVIDER_DENIED, denied.kind());
    }

    @Test
    void whereNothingListensItIsUnavailable() {
        TransitKey key = key("http://127.0.0.1:9", "plain", ROOT);

        UnavailableException failure = assertThrows(UnavailableException.class, () -> key.generations(WITHIN));

        assertEquals(
                "vault-transit transit/plain cannot be reached: connection refused",
                failure.failure().message());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<html>gateway</html>",
                "{}",
                "{\"data\":{\"ciphertext\":\"vault:v0:AAAA\"}}",
                "{\"data\":{\"ciphertext\":\"vault:v1:\\u0000\"}}",
                "{\"data\":{\"ciphertext\":\"vault:v7:AAAA\",\"type\":\"aes256-gcm96\",\"latest_version\":1}}",
                "{\"data\":{\"type\":\"aes256-gcm96\",\"latest_version\":1,\"keys\":{}}}"
            })
    void anAnswerThatIsNoneIsSaidWithoutItsText(String body) throws IOException {
        try (Script server = Script.saying(Script.answer("200 OK", "", body))) {
            TransitKey key = key(server.address(), "plain", ROOT);

            Failure failure = assertThrows(AgentException.class, () -> key.wrap(dataKey(), CONTEXT, WITHIN))
                    .failure();

            assertEquals(FailureKind.PROVIDER_MALFORMED, failure.kind());
            assertFalse(failure.message().contains("AAAA"), failure.message());
        }
    }

    @Test
    void aPlaintextThatIsNoDataKeyIsRefused() throws IOException {
        String answer =
                Script.answer("200 OK", "", "{\"data\":{\"plaintext\":\"AAAA\",\"ttl\":0,\"renewable\":false}}");
        try (Script server = Script.saying(answer)) {
            KeyEncryptionKey key = guarded(key(server.address(), "plain", ROOT));

            AgentException failure = assertThrows(
                    AgentException.class, () -> key.unwrap(new WrappedKey("k", new byte[] {'v'}), CONTEXT));

            assertEquals(FailureKind.PROVIDER_MALFORMED, failure.kind());
        }
    }

    private static KeyEncryptionKey guarded(TransitKey key) {
        Limits limits = new Limits(WITHIN, 3, 1000, Duration.ofSeconds(1), 20);
        return new GuardedKey(key, new Guard("transit", limits, Clockwork.system(), new Quiet()));
    }

    /** One file and one service: every step of docs/guide/keys.md. */
    @Test
    void movesAStoreFromAFileToTransitAndBack() throws IOException {
        Path old = folder.resolve("kek");
        Path fresh = folder.resolve("kek-2");
        try (Store store = open(file(old))) {
            store.put();
            store.addProjects(5);
        }
        try (Store store = open(file(old), guarded(key("moved")))) {
            store.get().rotateKeys();
            assertEquals(List.of(true, true), store.usable());
        }
        Files.delete(old);
        try (Store store = open(guarded(key("moved")))) {
            assertEquals("kept", store.value());
            asOwner("moved/rotate", "{}");
            List<Kek> keks = store.get().rotateKeys().keks();
            assertTrue(keks.getFirst().id().startsWith("transit/moved:v2:"), keks.toString());
        }
        asOwner("moved/config", "{\"min_decryption_version\":2}");
        try (Store store = open(guarded(key("moved")), file(fresh))) {
            assertEquals("kept", store.value());
            store.get().rotateKeys();
        }
        exchanges.close();
        try (Store store = open(file(fresh))) {
            assertEquals("kept", store.value());
        }
        assertFalse(Files.exists(old), "no key is made where one was lost");
    }

    private KeyEncryptionKey file(Path path) {
        return new KeyFile(path, Clock.systemUTC(), new SecureRandom(), MEMORY);
    }

    private Store open(KeyEncryptionKey... keys) {
        StateFolder state = StateFolder.open(folder.resolve("state"), (_, _) -> {});
        StoreConfig config = new StoreConfig(List.of(keys), MEMORY, NamingRule.ANY);
        try {
            return new Store(state, EmbeddedStore.open(state, config, new Quiet(), Clock.systemUTC(), new Repeated()));
        } catch (AgentException e) {
            state.close();
            throw e;
        }
    }

    private record Store(StateFolder state, EmbeddedStore get) implements AutoCloseable {
        private static final SecretPath PATH = new SecretPath(Namespace.DEFAULT, new SecretName("a"));

        void addProjects(int count) {
            IntStream.range(0, count).forEach(i -> get.createProject(new ProjectName("p" + i), NamingRule.ANY));
        }

        void put() {
            try (SecretValue value = SecretValue.owning("kept".getBytes(StandardCharsets.UTF_8))) {
                get.put(PATH, value, Details.NONE, Optional.empty());
            }
        }

        String value() {
            try (var secret = assertInstanceOf(Lookup.Found.class, get.find(PATH, Optional.empty()))
                            .secret();
                    SecretValue value = secret.open()) {
                return value.leak(bytes -> new String(bytes, StandardCharsets.UTF_8));
            }
        }

        List<Boolean> usable() {
            return get.keys().keks().stream().map(Kek::usable).toList();
        }

        @Override
        public void close() {
            get.close();
            state.close();
        }
    }

    /** The same data keys in every run, so that what a server once answered is still an answer. */
    private static final class Repeated extends SecureRandom {
        private static final long serialVersionUID = 1L;

        private final transient Random random = new Random(7);

        @Override
        public void nextBytes(byte[] bytes) {
            if (random != null) {
                random.nextBytes(bytes);
            }
        }
    }

    private static final class Quiet implements StoreListener, BackendNews {
        @Override
        public void keyCreated(String where) {}

        @Override
        public void keyAway(String where, String reason) {}

        @Override
        public void keyBack(String where) {}

        @Override
        public void migrated(int from, int to, Path backup) {}

        @Override
        public void resting(String provider, Duration pause, Failure failure) {}

        @Override
        public void answersAgain(String provider) {}

        @Override
        public void servedStale(SecretLocation location, Duration age, Failure failure) {}

        @Override
        public void leasesNotRenewed(String provider, Failure failure) {}

        @Override
        public void leaseEnds(SecretLocation location, Duration left) {}

        @Override
        public void leasesFull(String provider, int count) {}

        @Override
        public void leasesNotGivenBack(String provider, int count, Failure failure) {}
    }
}
