package dev.latchkey.agent.provider.vault;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.latchkey.agent.backend.http.Script;
import dev.latchkey.agent.backend.vault.VaultClient;
import dev.latchkey.agent.config.NetworkConfig;
import dev.latchkey.agent.config.ProviderConfig;
import dev.latchkey.agent.config.VaultConfig;
import dev.latchkey.agent.config.VaultConfig.Auth;
import dev.latchkey.agent.config.VaultConfig.Engine;
import dev.latchkey.agent.config.VaultConfig.Layout;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.failure.UnavailableException;
import dev.latchkey.agent.policy.RuleLimits;
import dev.latchkey.agent.secret.Lookup;
import dev.latchkey.agent.secret.SecretLocation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Several nodes of one backend, and a token in a file that somebody else writes. */
class VaultNodesTest {
    private static final String NOWHERE = "http://127.0.0.1:9";
    /** Enough for a look-up of the token and for one of a secret. */
    private static final String GOOD = Script.answer(
            "200 OK",
            "",
            "{\"data\":{\"ttl\":0,\"renewable\":false,\"data\":{\"value\":\"v\"},\"metadata\":{\"version\":1}}}");

    @TempDir
    private Path folder;

    private static VaultProvider provider(Auth auth, Duration timeout, String... addresses) {
        NetworkConfig network = new NetworkConfig(Optional.empty(), timeout, 0, RuleLimits.NONE);
        VaultConfig backend = new VaultConfig(List.of(addresses), Optional.empty(), auth);
        ProviderConfig.Vault config =
                new ProviderConfig.Vault("vault", backend, "secret", "", Engine.KV_V2, Layout.PLAIN, network);
        return new VaultProvider(
                config, new VaultClient("vault", backend, network, System::nanoTime), Clock.systemUTC());
    }

    private static Lookup fetch(VaultProvider provider, Duration within) {
        return provider.fetch(new SecretLocation("vault", "web"), Optional.empty(), within);
    }

    private static Lookup fetch(VaultProvider provider) {
        return fetch(provider, Duration.ofSeconds(10));
    }

    private static VaultProvider provider(String... addresses) {
        return provider(new Auth.Token("t"), Duration.ofSeconds(10), addresses);
    }

    @ParameterizedTest
    @ValueSource(ints = {500, 502, 503, 504})
    void asksTheNextNodeWhereOneCannotAnswerAndStaysWithIt(int status) throws IOException {
        try (Script sealed = Script.saying(Script.answer(status + " x", "", "{}"));
                Script active = Script.saying(GOOD)) {
            VaultProvider provider = provider(NOWHERE, sealed.address(), active.address());

            assertInstanceOf(Lookup.Found.class, fetch(provider));
            assertInstanceOf(Lookup.Found.class, fetch(provider));

            assertEquals(1, sealed.requests().size());
            assertEquals(3, active.requests().size());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 403, 429})
    void asksNoOtherNodeAfterAnAnswer(int status) throws IOException {
        try (Script first = Script.saying(Script.answer(status + " x", "", "{}"));
                Script second = Script.saying(GOOD)) {
            assertThrows(AgentException.class, () -> fetch(provider(first.address(), second.address())));

            assertEquals(0, second.requests().size());
        }
    }

    @Test
    void aSilentNodeLeavesTimeToTheOthers() throws IOException {
        CountDownLatch end = new CountDownLatch(1);
        try (Script silent = Script.doing((_, _) -> end.await());
                Script active = Script.saying(GOOD)) {
            Duration within = Duration.ofSeconds(2);
            VaultProvider provider = provider(new Auth.Token("t"), within, silent.address(), active.address());

            assertInstanceOf(Lookup.Found.class, fetch(provider, within));
        } finally {
            end.countDown();
        }
    }

    @Test
    void withoutAnyNodeItIsUnavailable() {
        UnavailableException failure =
                assertThrows(UnavailableException.class, () -> fetch(provider(NOWHERE, NOWHERE)));

        assertEquals(FailureKind.PROVIDER_UNAVAILABLE, failure.kind());
    }

    @Test
    void aTokenThatIsReplacedInItsFileIsPickedUp() throws IOException {
        Path file = folder.resolve("token");
        Files.writeString(file, "first\n");
        try (Script active = Script.saying(GOOD)) {
            VaultProvider provider = provider(new Auth.TokenFile(file), Duration.ofSeconds(10), active.address());
            fetch(provider);
            Files.writeString(file, "second\n");
            fetch(provider);

            assertEquals(
                    List.of("first", "first", "second", "second"),
                    active.requests().stream()
                            .map(request -> request.replaceAll("(?s).*X-Vault-Token: ([a-z]+)\r\n.*", "$1"))
                            .toList());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "two words", "line\nline", "\u00fc"})
    void aFileWithoutATokenIsSaidAndNotShown(String text) throws IOException {
        Path file = folder.resolve("token");
        Files.writeString(file, text);
        VaultProvider provider = provider(new Auth.TokenFile(file), Duration.ofSeconds(10), NOWHERE);

        AgentException failure = assertThrows(AgentException.class, () -> fetch(provider));

        assertEquals(FailureKind.PROVIDER_DENIED, failure.kind());
        assertEquals(
                "vault cannot be asked: " + file + " holds no token",
                failure.failure().message());
    }
}
