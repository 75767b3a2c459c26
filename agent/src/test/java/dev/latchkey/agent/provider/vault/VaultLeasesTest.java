package dev.latchkey.agent.provider.vault;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.latchkey.agent.backend.vault.VaultClient;
import dev.latchkey.agent.cache.BackendNews;
import dev.latchkey.agent.cache.CacheSettings;
import dev.latchkey.agent.cache.CachingProvider;
import dev.latchkey.agent.cache.Clockwork;
import dev.latchkey.agent.cache.Guard;
import dev.latchkey.agent.cache.KeptAnswers;
import dev.latchkey.agent.cache.Limits;
import dev.latchkey.agent.config.NetworkConfig;
import dev.latchkey.agent.config.ProviderConfig;
import dev.latchkey.agent.config.VaultConfig;
import dev.latchkey.agent.config.VaultConfig.Auth;
import dev.latchkey.agent.config.VaultConfig.Engine;
import dev.latchkey.agent.config.VaultConfig.Layout;
import dev.latchkey.agent.crypto.KeyMemory;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.json.JsonDocument;
import dev.latchkey.agent.memory.LockedMemory;
import dev.latchkey.agent.policy.RuleLimits;
import dev.latchkey.agent.secret.FoundSecret;
import dev.latchkey.agent.secret.Lease;
import dev.latchkey.agent.secret.Lender;
import dev.latchkey.agent.secret.LentSecret;
import dev.latchkey.agent.secret.Lookup;
import dev.latchkey.agent.secret.SecretLocation;
import dev.latchkey.agent.secret.SecretValue;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

/**
 * Users of a PostgreSQL that a real server makes, under leases of seconds. What does not depend on time is answered as it was recorded where there is no
 * server or no PostgreSQL: {@code -Dlatchkey.record=true} writes that down anew.
 */
class VaultLeasesTest {
    private static final Path FILES = Path.of("src/test/resources/dev/latchkey/agent/provider/vault");
    private static final Duration WITHIN = Duration.ofSeconds(10);
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final NetworkConfig NETWORK = new NetworkConfig(Optional.empty(), WITHIN, 0, RuleLimits.NONE);
    private static final String TIMED = "timed";
    private static final Auth ROOT = new Auth.Token(RealVault.ROOT_TOKEN);
    private static final String RENEW = "POST /v1/sys/leases/renew";
    private static final String REVOKE = "POST /v1/sys/leases/revoke";

    private static Optional<RealVault> real = Optional.empty();
    private static Optional<RealPostgres> postgres = Optional.empty();

    @TempDir
    private Path folder;

    private final News news = new News();
    private Exchanges exchanges;

    @BeforeAll
    static void prepare() {
        postgres = RealPostgres.find();
        real = postgres.isPresent() ? RealVault.find() : Optional.empty();
        real.ifPresent(vault -> fill(vault, postgres.orElseThrow()));
    }

    private static void fill(RealVault vault, RealPostgres database) {
        vault.does("POST", "/v1/sys/mounts/database", "{\"type\":\"database\"}");
        vault.does(
                "POST",
                "/v1/database/config/pg",
                "{\"plugin_name\":\"postgresql-database-plugin\",\"allowed_roles\":\"*\",\"connection_url\":\""
                        + database.url() + "\",\"username\":\"" + database.owner() + "\",\"password\":\"none\"}");
        role(vault, "hour", "1h", "24h");
        role(vault, "short", "3s", "1h");
        role(vault, "ending", "3s", "7s");
        vault.does("POST", "/v1/sys/auth/lends", "{\"type\":\"userpass\"}");
        String creds = "path \\\"database/creds/*\\\" {capabilities=[\\\"read\\\"]}";
        vault.does("POST", "/v1/sys/policies/acl/lends", "{\"policy\":\"" + creds + "\"}");
        user(vault, "bare", "\"token_no_default_policy\":true");
        user(vault, "brief", "\"token_ttl\":\"3s\",\"token_max_ttl\":\"6s\"");
    }

    private static void role(RealVault vault, String name, String ttl, String most) {
        String create = "CREATE ROLE \\\"{{name}}\\\" LOGIN PASSWORD '{{password}}' VALID UNTIL '{{expiration}}'";
        vault.does(
                "POST",
                "/v1/database/roles/" + name,
                "{\"db_name\":\"pg\",\"creation_statements\":[\"" + create + "\"],\"default_ttl\":\"" + ttl
                        + "\",\"max_ttl\":\"" + most + "\"}");
    }

    private static void user(RealVault vault, String name, String more) {
        vault.does(
                "POST",
                "/v1/auth/lends/users/" + name,
                "{\"password\":\"p\",\"token_policies\":\"lends\"," + more + "}");
    }

    @BeforeEach
    void connect(TestInfo test) {
        Path place = test.getTags().contains(TIMED) ? folder : FILES;
        Path file = place.resolve(test.getTestMethod().orElseThrow().getName() + ".json");
        exchanges =
                real.map(vault -> Exchanges.recorded(file, vault.address())).orElseGet(() -> Exchanges.replayed(file));
    }

    @AfterEach
    void disconnect() {
        exchanges.close();
    }

    @AfterAll
    static void stop() {
        real.ifPresent(RealVault::close);
        postgres.ifPresent(RealPostgres::close);
    }

    private VaultProvider provider(Auth auth) {
        VaultConfig backend = new VaultConfig(exchanges.address(), Optional.empty(), auth);
        ProviderConfig.Vault config =
                new ProviderConfig.Vault("vault", backend, "database/creds", "", Engine.DYNAMIC, Layout.PLAIN, NETWORK);
        return new VaultProvider(
                config, new VaultClient("vault", backend, NETWORK, System::nanoTime), Clock.systemUTC());
    }

    private static LentSecret lent(VaultProvider provider, String role) {
        Lookup.Found found = assertInstanceOf(
                Lookup.Found.class, provider.fetch(new SecretLocation("vault", role), Optional.empty(), WITHIN));
        return assertInstanceOf(LentSecret.class, found.secret());
    }

    @Test
    void aLeaseIsRenewedForItsFirstTimeAndGivenBack() {
        try (LentSecret secret = lent(provider(ROOT), "hour")) {
            Lender lender = secret.lender().orElseThrow();

            assertEquals(Duration.ofHours(1), secret.leased());
            assertTrue(lender.renews());
            assertEquals(
                    Optional.of(new Lender.Term(Duration.ofHours(1), true)), lender.renew(Duration.ofHours(1), WITHIN));
            assertEquals(
                    Optional.of(new Lender.Term(Duration.ofHours(2), true)), lender.renew(Duration.ofHours(2), WITHIN));
            assertEquals(Optional.empty(), lender.most());
            lender.giveBack(WITHIN);
            assertEquals("[redacted]", lender.toString());
        }
        assertEquals(1, exchanges.asked.stream().filter(REVOKE::equals).count());
    }

    @Test
    void aTokenThatMayDoNothingWithLeasesIsDeniedAndKept() {
        VaultProvider provider = provider(new Auth.Userpass("lends", "bare", "p"));
        try (LentSecret secret = lent(provider, "hour")) {
            Lender lender = secret.lender().orElseThrow();

            Failure renewal = denied(() -> lender.renew(Duration.ofHours(1), WITHIN));
            assertEquals("vault does not let the agent do this with a lease", renewal.message());
            assertEquals(
                    Optional.of("give the policy of the agent's token or role 'update' on sys/leases/renew"),
                    renewal.hint());
            assertEquals(
                    Optional.of("give the policy of the agent's token or role 'update' on sys/leases/revoke"),
                    denied(() -> lender.giveBack(WITHIN)).hint());
            assertEquals(Optional.empty(), lender.most(), "its token is the agent's still");
        }
        assertEquals(
                1,
                exchanges.asked.stream()
                        .filter("POST /v1/auth/lends/login/bare"::equals)
                        .count());
    }

    private static Failure denied(Runnable request) {
        AgentException refused = assertThrows(AgentException.class, request::run);
        assertEquals(FailureKind.PROVIDER_DENIED, refused.kind());
        return refused.failure();
    }

    private RealPostgres database() {
        assumeTrue(
                real.isPresent(),
                "needs PostgreSQL in /usr/lib/postgresql, and bao or vault in PATH or LATCHKEY_TEST_VAULT_ADDR");
        return postgres.orElseThrow();
    }

    /** As launches see it. */
    private CachingProvider cached(Auth auth, Duration ttl) {
        Limits limits = new Limits(WITHIN, 0, 1_000, Duration.ofSeconds(1), 20);
        Clockwork clockwork = Clockwork.system();
        KeptAnswers answers = new KeptAnswers(new KeyMemory(new LockedMemory(_ -> {})), new SecureRandom());
        CacheSettings settings = new CacheSettings(ttl, Duration.ZERO, Duration.ZERO);
        return new CachingProvider(
                provider(auth),
                new Guard("vault", limits, clockwork, news),
                new CachingProvider.Shared(settings, answers, clockwork, news));
    }

    /**
     * What a process got.
     *
     * @param user its user of the database
     */
    private record Launch(String user, Lease.Hold hold) {}

    private static Launch launched(CachingProvider provider, String role) {
        Lookup found = provider.find(new SecretLocation("vault", role), Optional.empty());
        try (FoundSecret secret = assertInstanceOf(Lookup.Found.class, found).secret();
                SecretValue value = secret.openObject();
                SecretValue user = value.leak(bytes -> JsonDocument.pick(bytes, List.of("username")))) {
            return new Launch(
                    user.leak(bytes -> new String(bytes, StandardCharsets.UTF_8)),
                    secret.lease().orElseThrow().hold());
        }
    }

    private long count(String request) {
        return exchanges.count(request);
    }

    @Test
    @Tag(TIMED)
    void aUserLivesAsLongAsSomebodyHoldsItAndIsGoneSoonAfter() {
        RealPostgres database = database();
        CachingProvider provider = cached(ROOT, Duration.ZERO);
        Launch one = launched(provider, "short");
        Launch other = launched(provider, "short");
        assertNotEquals(one.user(), other.user());

        Until.within(SOON, "both were renewed for more than thrice their time", () -> count(RENEW) >= 8);
        assertTrue(database.hasUser(one.user()));
        one.hold().close();
        Until.within(SOON, "the user of whoever ended is gone", () -> !database.hasUser(one.user()));
        assertTrue(database.hasUser(other.user()));
        assertEquals(1, count(REVOKE));
        other.hold().close();
        Until.within(SOON, "the other's too", () -> !database.hasUser(other.user()));
        Until.within(SOON, "none is left", () -> provider.leases().count() == 0);
        assertEquals(List.of(), news.said);
    }

    @Test
    @Tag(TIMED)
    void launchesOfOneTimeShareAUserThatGoesWithThatTime() {
        RealPostgres database = database();
        CachingProvider provider = cached(ROOT, Duration.ofSeconds(6));
        Launch first = launched(provider, "short");
        first.hold().close();
        for (int launch = 0; launch < 10; launch++) {
            Launch next = launched(provider, "short");
            assertEquals(first.user(), next.user());
            next.hold().close();
        }

        Until.within(SOON, "it was renewed for later launches", () -> count(RENEW) >= 1);
        assertTrue(database.hasUser(first.user()));
        Until.within(SOON, "the user is gone with the cache's time", () -> !database.hasUser(first.user()));
        assertEquals(1, count(REVOKE), "it did not just end");
    }

    @Test
    @Tag(TIMED)
    void aLeaseThatMayLiveNoLongerIsFollowedByAnotherBeforeItEnds() {
        RealPostgres database = database();
        CachingProvider provider = cached(ROOT, Duration.ofMinutes(5));
        Launch first = launched(provider, "ending");
        Set<String> users = new HashSet<>();

        Until.within(SOON, "a launch gets another", () -> {
            Launch next = launched(provider, "ending");
            assertTrue(database.hasUser(next.user()), "what is served works");
            next.hold().close();
            users.add(next.user());
            return users.size() >= 2;
        });
        assertTrue(count(RENEW) >= 2);
        Until.within(SOON, "the first has ended", () -> !database.hasUser(first.user()));
        first.hold().close();
        assertFalse(news.said.isEmpty(), "that a process lost its user is said");
    }

    @Test
    @Tag(TIMED)
    void whatEndedWithATokenOfTheAgentIsServedToNobody() {
        RealPostgres database = database();
        CachingProvider provider = cached(new Auth.Userpass("lends", "brief", "p"), Duration.ofMinutes(5));
        Set<String> users = new HashSet<>();
        long end = System.nanoTime() + Duration.ofSeconds(14).toNanos();

        while (System.nanoTime() - end < 0) {
            Launch process = launched(provider, "hour");
            process.hold().close();
            users.add(process.user());
            if (!database.hasUser(process.user())) {
                // On a busy machine it may end between its delivery and the question, but never goes out after that.
                Launch next = launched(provider, "hour");
                next.hold().close();
                assertNotEquals(process.user(), next.user(), "what has ended is served to nobody");
            }
        }

        assertTrue(users.size() >= 2 && users.size() <= 14, users.size() + " users in 14 s of tokens of at most 6");
        provider.stop();
    }

    /** Remembers what an operator was told. */
    private static final class News implements BackendNews {
        private final List<String> said = new CopyOnWriteArrayList<>();

        @Override
        public void resting(String provider, Duration pause, Failure failure) {
            said.add("resting");
        }

        @Override
        public void answersAgain(String provider) {
            said.add("answers");
        }

        @Override
        public void servedStale(SecretLocation location, Duration age, Failure failure) {
            said.add("stale");
        }

        @Override
        public void leasesNotRenewed(String provider, Failure failure) {
            said.add("not renewed");
        }

        @Override
        public void leaseEnds(SecretLocation location, Duration left) {
            said.add("ends");
        }

        @Override
        public void leasesFull(String provider, int count) {
            said.add("full");
        }

        @Override
        public void leasesNotGivenBack(String provider, int count, Failure failure) {
            said.add("not given back");
        }
    }
}
