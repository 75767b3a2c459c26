package dev.latchkey.agent.provider.vault;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.latchkey.agent.backend.vault.VaultClient;
import dev.latchkey.agent.config.NetworkConfig;
import dev.latchkey.agent.config.ProviderConfig;
import dev.latchkey.agent.config.VaultConfig;
import dev.latchkey.agent.config.VaultConfig.Auth;
import dev.latchkey.agent.config.VaultConfig.Engine;
import dev.latchkey.agent.config.VaultConfig.Layout;
import dev.latchkey.agent.policy.RuleLimits;
import dev.latchkey.agent.secret.FoundSecret;
import dev.latchkey.agent.secret.Lookup;
import dev.latchkey.agent.secret.SecretLocation;
import dev.latchkey.agent.secret.SecretValue;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A real standby that redirects whatever it is asked. What one might answer besides is in {@link VaultFaultsTest}. */
class VaultStandbyTest {
    private static final Duration WITHIN = Duration.ofSeconds(20);
    private static final NetworkConfig NETWORK = new NetworkConfig(Optional.empty(), WITHIN, 0, RuleLimits.NONE);

    private static Optional<RealPair> nodes = Optional.empty();

    @BeforeAll
    static void prepare() {
        nodes = RealPair.find();
        nodes.ifPresent(VaultStandbyTest::fill);
    }

    private static void fill(RealPair pair) {
        pair.does("/v1/sys/mounts/kv", "{\"type\":\"kv\",\"options\":{\"version\":\"2\"}}");
        pair.does("/v1/kv/data/web", "{\"data\":{\"value\":\"there\"}}");
        pair.does(
                "/v1/sys/policies/acl/web", "{\"policy\":\"path \\\"kv/data/web\\\" {capabilities=[\\\"read\\\"]}\"}");
        pair.does("/v1/sys/auth/userpass", "{\"type\":\"userpass\"}");
        pair.does("/v1/auth/userpass/users/agent", "{\"password\":\"p\",\"token_policies\":\"web\"}");
    }

    @AfterAll
    static void stop() {
        nodes.ifPresent(RealPair::close);
    }

    private static RealPair pair() {
        assumeTrue(nodes.isPresent(), "needs PostgreSQL in /usr/lib/postgresql, and bao or vault in PATH");
        return nodes.orElseThrow();
    }

    private static String value(Auth auth) {
        VaultConfig backend = new VaultConfig(pair().standby(), Optional.empty(), auth);
        ProviderConfig.Vault config =
                new ProviderConfig.Vault("vault", backend, "kv", "", Engine.KV_V2, Layout.PLAIN, NETWORK);
        VaultProvider provider = new VaultProvider(
                config, new VaultClient("vault", backend, NETWORK, System::nanoTime), Clock.systemUTC());
        Lookup found = provider.fetch(new SecretLocation("vault", "web"), Optional.empty(), WITHIN);
        try (FoundSecret secret = assertInstanceOf(Lookup.Found.class, found).secret();
                SecretValue value = secret.open()) {
            return value.leak(bytes -> new String(bytes, StandardCharsets.UTF_8));
        }
    }

    @Test
    void itsAnswerNamesTheActiveNodeAndIsFollowed() {
        String path = "/v1/kv/data/web";
        HttpResponse<String> answer =
                pair().ask("GET", pair().standby() + path, "").orElseThrow();
        assertEquals(307, answer.statusCode());
        assertEquals(Optional.of(pair().active() + path), answer.headers().firstValue("Location"));

        assertEquals("there", value(new Auth.Token(pair().token())));
    }

    @Test
    void aLoginIsFollowedWithWhatItSends() {
        assertEquals("there", value(new Auth.Userpass("userpass", "agent", "p")));
    }
}
