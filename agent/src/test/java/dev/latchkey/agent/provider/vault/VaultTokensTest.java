package dev.latchkey.agent.provider.vault;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.latchkey.agent.backend.vault.VaultClient;
import dev.latchkey.agent.config.NetworkConfig;
import dev.latchkey.agent.config.ProviderConfig;
import dev.latchkey.agent.config.VaultConfig;
import dev.latchkey.agent.config.VaultConfig.Auth;
import dev.latchkey.agent.config.VaultConfig.Engine;
import dev.latchkey.agent.config.VaultConfig.Layout;
import dev.latchkey.agent.policy.RuleLimits;
import dev.latchkey.agent.secret.Lookup;
import dev.latchkey.agent.secret.SecretLocation;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tokens that end while they are used, on a real server, whose clock is the wall's. */
class VaultTokensTest {
    private static final Duration WITHIN = Duration.ofSeconds(10);
    private static Optional<RealVault> real = Optional.empty();

    @TempDir
    private Path folder;

    @BeforeAll
    static void prepare() {
        real = RealVault.find();
        real.ifPresent(vault -> {
            vault.does("POST", "/v1/secret/data/ends", "{\"data\":{\"value\":\"v\"}}");
            vault.does(
                    "POST",
                    "/v1/sys/policies/acl/ends",
                    "{\"policy\":\"path \\\"secret/data/ends\\\" {capabilities=[\\\"read\\\"]}\"}");
            vault.does("POST", "/v1/sys/auth/ends", "{\"type\":\"userpass\"}");
            vault.does(
                    "POST",
                    "/v1/auth/ends/users/short",
                    "{\"password\":\"p\",\"token_policies\":\"ends\",\"token_ttl\":\"2s\",\"token_max_ttl\":\"4s\"}");
            vault.does(
                    "POST",
                    "/v1/auth/ends/users/periodic",
                    "{\"password\":\"p\",\"token_policies\":\"ends\",\"token_period\":\"2s\"}");
        });
    }

    @AfterAll
    static void stop() {
        real.ifPresent(RealVault::close);
    }

    private Exchanges between() {
        assumeTrue(real.isPresent(), "needs bao or vault in PATH, or LATCHKEY_TEST_VAULT_ADDR");
        return Exchanges.recorded(folder.resolve("unused"), real.orElseThrow().address());
    }

    private static VaultProvider provider(Exchanges exchanges, String user) {
        NetworkConfig network = new NetworkConfig(Optional.empty(), WITHIN, 0, RuleLimits.NONE);
        VaultConfig backend =
                new VaultConfig(exchanges.address(), Optional.empty(), new Auth.Userpass("ends", user, "p"));
        ProviderConfig.Vault config =
                new ProviderConfig.Vault("vault", backend, "secret", "", Engine.KV_V2, Layout.PLAIN, network);
        return new VaultProvider(
                config, new VaultClient("vault", backend, network, System::nanoTime), Clock.systemUTC());
    }

    /** Asks again and again, for longer than any token of the user lives without being renewed, and longer than one may be. */
    private static void useFor(VaultProvider provider, Duration time) {
        long end = System.nanoTime() + time.toNanos();
        while (System.nanoTime() < end) {
            SecretLocation location = new SecretLocation("vault", "ends");
            assertInstanceOf(Lookup.Found.class, provider.fetch(location, Optional.empty(), WITHIN));
        }
    }

    private static long count(Exchanges exchanges, String request) {
        synchronized (exchanges) {
            return exchanges.asked.stream().filter(request::equals).count();
        }
    }

    @Test
    void aTokenThatMayLiveNoLongerIsReplacedBeforeItEnds() {
        try (Exchanges exchanges = between()) {
            useFor(provider(exchanges, "short"), Duration.ofSeconds(10));

            assertTrue(count(exchanges, "POST /v1/auth/token/renew-self") > 0, "it was renewed");
            long logins = count(exchanges, "POST /v1/auth/ends/login/short");
            assertTrue(logins >= 3 && logins <= 8, logins + " logins in 10 s of tokens that live for at most 4");
        }
    }

    @Test
    void aPeriodicTokenIsRenewedForEver() {
        try (Exchanges exchanges = between()) {
            useFor(provider(exchanges, "periodic"), Duration.ofSeconds(7));

            assertTrue(count(exchanges, "POST /v1/auth/token/renew-self") >= 3, "it was renewed");
            assertEquals(1, count(exchanges, "POST /v1/auth/ends/login/periodic"));
        }
    }
}
