package dev.latchkey.agent.provider.vault;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.latchkey.agent.backend.http.Script;
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
import dev.latchkey.agent.failure.UnavailableException;
import dev.latchkey.agent.policy.RuleLimits;
import dev.latchkey.agent.secret.Lease;
import dev.latchkey.agent.secret.Lender;
import dev.latchkey.agent.secret.LentSecret;
import dev.latchkey.agent.secret.Lookup;
import dev.latchkey.agent.secret.SecretLocation;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a Vault, or something in its place, can answer besides a secret. */
class VaultFaultsTest {
    private static final String THEIRS = "words-of-theirs";
    private static final String SECRET =
            Script.answer("200 OK", "", "{\"data\":{\"data\":{\"value\":\"v\"},\"metadata\":{\"version\":1}}}");
    private static final String TOKEN_FOR_EVER =
            Script.answer("200 OK", "", "{\"data\":{\"ttl\":0,\"renewable\":false}}");

    private final AtomicLong now = new AtomicLong();

    private VaultProvider provider(String address, Auth auth, Engine engine) {
        NetworkConfig network = new NetworkConfig(Optional.empty(), Duration.ofSeconds(10), 0, RuleLimits.NONE);
        ProviderConfig.Vault config = new ProviderConfig.Vault(
                "vault", new VaultConfig(address, Optional.empty(), auth), "secret", "", engine, Layout.PLAIN, network);
        return new VaultProvider(
                config, new VaultClient("vault", config.backend(), network, now::get), Clock.systemUTC());
    }

    private Lookup fetch(String address) {
        return fetch(provider(address, new Auth.Token("t"), Engine.KV_V2));
    }

    private static Lookup fetch(VaultProvider provider) {
        return provider.fetch(new SecretLocation("vault", "web"), Optional.empty(), Duration.ofSeconds(10));
    }

    /** Answers a look-up of the token, and everything else as told. */
    private static Script serving(IntFunction<String> answer) throws IOException {
        AtomicInteger count = new AtomicInteger();
        AtomicInteger lookups = new AtomicInteger();
        return Script.doing((_, out) ->
                out.write((lookups.getAndIncrement() == 0 ? TOKEN_FOR_EVER : answer.apply(count.getAndIncrement()))
                        .getBytes(StandardCharsets.UTF_8)));
    }

    @ParameterizedTest
    @CsvSource({
        "400, PROVIDER_MALFORMED",
        "401, PROVIDER_DENIED",
        "403, PROVIDER_DENIED",
        "405, PROVIDER_MALFORMED",
        "418, PROVIDER_MALFORMED",
        "429, PROVIDER_UNAVAILABLE",
        "472, PROVIDER_UNAVAILABLE",
        "473, PROVIDER_UNAVAILABLE",
        "500, PROVIDER_UNAVAILABLE",
        "502, PROVIDER_UNAVAILABLE",
        "503, PROVIDER_UNAVAILABLE",
        "302, PROVIDER_MALFORMED"
    })
    void tellsWhatWentWrongByTheStatusAlone(int status, FailureKind kind) throws IOException {
        String answer =
                Script.answer(status + " x", "Location: http://127.0.0.1:1/\r\n", "{\"errors\":[\"" + THEIRS + "\"]}");
        try (Script script = serving(_ -> answer)) {
            AgentException refused = assertThrows(AgentException.class, () -> fetch(script.address()));

            assertEquals(kind, refused.kind());
            assertTrue(
                    refused.failure().message().contains("(" + status + ")"),
                    () -> refused.failure().message());
            assertFalse(refused.failure().toString().contains(THEIRS));
        }
    }

    @Test
    void hearsWhenToComeAgain() throws IOException {
        try (Script script = serving(_ -> Script.answer("429 x", "Retry-After: 7\r\n", ""))) {
            UnavailableException refused = assertThrows(UnavailableException.class, () -> fetch(script.address()));
            assertEquals(Optional.of(Duration.ofSeconds(7)), refused.retryAfter());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "'<html>words-of-theirs</html>'",
        "'{\"data\":\"words-of-theirs\"}'",
        "'{\"data\":{\"data\":\"words-of-theirs\",\"metadata\":{\"version\":1}}}'",
        "'{\"data\":{\"data\":[1],\"metadata\":{\"version\":1}}}'"
    })
    void aPageWithStatus200IsNoSecret(String page) throws IOException {
        try (Script script = serving(_ -> Script.answer("200 OK", "Content-Type: text/html\r\n", page))) {
            VaultProvider provider = provider(script.address(), new Auth.Token("t"), Engine.KV_V2);
            Lookup answer;
            try {
                answer = fetch(provider);
            } catch (AgentException refused) {
                assertEquals(FailureKind.PROVIDER_MALFORMED, refused.kind());
                assertFalse(refused.failure().toString().contains(THEIRS));
                return;
            }
            assertInstanceOf(Lookup.Absent.class, answer);
        }
    }

    @Test
    void followsAStandbyToTheActiveNodeOnce() throws IOException {
        try (Script active = Script.saying(SECRET);
                Script standby = serving(
                        _ -> Script.answer("307 x", "Location: " + active.address() + "/v1/secret/data/web\r\n", ""))) {
            assertInstanceOf(Lookup.Found.class, fetch(standby.address()));
            assertTrue(active.requests().getFirst().startsWith("GET /v1/secret/data/web "));
            assertTrue(active.requests().getFirst().contains("X-Vault-Token: t\r\n"));
        }
    }

    @ParameterizedTest
    @CsvSource({"https://127.0.0.1:1/v1/x", "unix:///run/v1/x", "http://u@127.0.0.1/v1/x", "/v1/x", "''"})
    void followsNobodyElsewhere(String location) throws IOException {
        try (Script script = serving(_ -> Script.answer("307 x", "Location: " + location + "\r\n", ""))) {
            AgentException refused = assertThrows(AgentException.class, () -> fetch(script.address()));
            assertEquals("vault redirects to where it is not followed", refused.getMessage());
        }
    }

    @Test
    void aTokenThatIsRefusedIsGotAnewOnceWhereThatCanBe() throws IOException {
        String no = Script.answer("403 x", "", "{}");
        try (Script script = inTurn(login("first", 3600), SECRET, no, login("second", 3600), SECRET)) {
            VaultProvider provider = provider(script.address(), new Auth.AppRole("approle", "r", "s"), Engine.KV_V2);
            fetch(provider);
            now.addAndGet(Duration.ofMinutes(1).toNanos());

            assertInstanceOf(Lookup.Found.class, fetch(provider));
            assertTrue(script.requests().get(2).contains("X-Vault-Token: first\r\n"));
            assertTrue(script.requests().get(4).contains("X-Vault-Token: second\r\n"));
        }
    }

    @Test
    void aNewTokenThatIsRefusedMayNotAndIsNotGotAgain() throws IOException {
        try (Script script = inTurn(login("first", 3600), Script.answer("403 x", "", "{}"))) {
            VaultProvider provider = provider(script.address(), new Auth.AppRole("approle", "r", "s"), Engine.KV_V2);

            AgentException refused = assertThrows(AgentException.class, () -> fetch(provider));
            assertEquals(FailureKind.PROVIDER_DENIED, refused.kind());
            assertEquals(2, script.requests().size());
        }
    }

    private static String lent(String id) {
        return Script.answer(
                "200 OK",
                "",
                "{\"lease_id\":\"" + id
                        + "\",\"lease_duration\":3600,\"renewable\":true,\"data\":{\"username\":\"u\",\"password\":\"p\"}}");
    }

    private static Lender lender(VaultProvider provider) {
        Lookup.Found found = assertInstanceOf(Lookup.Found.class, fetch(provider));
        try (LentSecret secret = assertInstanceOf(LentSecret.class, found.secret())) {
            return secret.lender().orElseThrow();
        }
    }

    /** A Vault ends with a token whatever it gave under it, so a denial must not cost the agent the one that it has. */
    @Test
    void aTokenThatIsRefusedWhatAnotherIsRefusedTooIsKept() throws IOException {
        String no = Script.answer("403 x", "", "{}");
        try (Script script =
                inTurn(login("first", 3600), lent("db/1"), no, login("second", 3600), no, no, no, lent("db/2"))) {
            VaultProvider provider = provider(script.address(), new Auth.AppRole("approle", "r", "s"), Engine.DYNAMIC);
            Lender lender = lender(provider);
            now.addAndGet(Duration.ofMinutes(1).toNanos());

            assertThrows(AgentException.class, () -> fetch(provider));
            assertThrows(AgentException.class, () -> fetch(provider));
            assertEquals(Optional.empty(), lender.most());
            lender(provider);
            assertEquals(
                    List.of("first", "first", "second", "first", "second", "first"),
                    script.requests().stream()
                            .filter(request -> request.contains("X-Vault-Token: "))
                            .map(request -> request.replaceAll("(?s).*X-Vault-Token: ([a-z]+).*", "$1"))
                            .toList(),
                    "one login for all that is denied within its first half minute");
        }
    }

    @Test
    void whatWasGivenUnderATokenThatIsReplacedLastsNoLonger() throws IOException {
        String no = Script.answer("403 x", "", "{}");
        try (Script script = inTurn(login("first", 3600), lent("db/1"), no, login("second", 3600), lent("db/2"))) {
            VaultProvider provider = provider(script.address(), new Auth.AppRole("approle", "r", "s"), Engine.DYNAMIC);
            Lender first = lender(provider);
            now.addAndGet(Duration.ofMinutes(1).toNanos());

            Lender second = lender(provider);

            assertEquals(Optional.of(Duration.ZERO), first.most());
            assertEquals(Optional.empty(), second.most());
        }
    }

    @Test
    void whatWasGivenUnderATokenThatEndsLastsNoLongerThanThat() throws IOException {
        String ending = Script.answer("200 OK", "", "{\"data\":{\"ttl\":600,\"renewable\":false}}");
        try (Script script = inTurn(ending, lent("db/1"))) {
            Lender lender = lender(provider(script.address(), new Auth.Token("t"), Engine.DYNAMIC));

            assertEquals(Optional.of(Duration.ofMinutes(10)), lender.most());
            now.addAndGet(Duration.ofMinutes(4).toNanos());
            assertEquals(Optional.of(Duration.ofMinutes(6)), lender.most());
            now.addAndGet(Duration.ofMinutes(7).toNanos());
            assertEquals(Optional.of(Duration.ZERO), lender.most());
        }
    }

    @Test
    void whatWasGivenUnderATokenThatShouldHaveBeenRenewedLastsNoLongerThanThat() throws IOException {
        try (Script script = inTurn(login("first", 3600), lent("db/1"))) {
            Lender lender = lender(provider(script.address(), new Auth.Userpass("userpass", "u", "p"), Engine.DYNAMIC));

            now.addAndGet(Duration.ofMinutes(49).toNanos());
            assertEquals(Optional.empty(), lender.most());
            now.addAndGet(Duration.ofMinutes(1).toNanos());
            assertEquals(Optional.of(Duration.ofMinutes(10)), lender.most());
            now.addAndGet(Duration.ofMinutes(10).toNanos());
            assertEquals(Optional.of(Duration.ZERO), lender.most());
        }
    }

    @ParameterizedTest
    @CsvSource({"''", "'\\u0007'"})
    void whatCannotBeALeasesIdIsNone(String id) throws IOException {
        try (Script script = serving(_ -> lent(id))) {
            Lookup.Found found = assertInstanceOf(
                    Lookup.Found.class, fetch(provider(script.address(), new Auth.Token("t"), Engine.DYNAMIC)));
            try (LentSecret secret = assertInstanceOf(LentSecret.class, found.secret())) {
                assertEquals(Optional.empty(), secret.lender());
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"400", "404"})
    void aLeaseThatIsNotKnownAnyMoreIsNotRenewedButCountsAsGivenBack(int status) throws IOException {
        AtomicInteger count = new AtomicInteger();
        String gone = Script.answer(status + " x", "", "{\"errors\":[\"" + THEIRS + "\"]}");
        try (Script script = serving(_ -> count.getAndIncrement() == 0 ? lent("a\\\"b") : gone)) {
            Lender lender = lender(provider(script.address(), new Auth.Token("t"), Engine.DYNAMIC));

            assertEquals(Optional.empty(), lender.renew(Duration.ofHours(1), Duration.ofSeconds(10)));
            lender.giveBack(Duration.ofSeconds(10));

            String last = script.requests().getLast().toLowerCase(Locale.ROOT);
            assertTrue(last.startsWith("post /v1/sys/leases/revoke "), last);
            int bytes = "{\"lease_id\":\"a\\\"b\",\"sync\":false}".length();
            assertTrue(last.contains("content-length: " + bytes + "\r\n"), "the id is escaped");
        }
    }

    @Test
    void aRefusalToListNamesThePathThatPoliciesHave() throws IOException {
        String no = Script.answer("403 x", "", "{\"errors\":[\"" + THEIRS + "\"]}");
        try (Script script = inTurn(login("first", 3600), no)) {
            VaultProvider provider = provider(script.address(), new Auth.AppRole("approle", "r", "s"), Engine.KV_V2);

            AgentException refused = assertThrows(
                    AgentException.class, () -> provider.list("a b/", Optional.empty(), Duration.ofSeconds(10)));
            assertEquals(
                    Failure.of(
                            FailureKind.PROVIDER_DENIED,
                            "vault does not let the agent list what it has (403)",
                            "the policy of the agent's token or role needs 'list' on secret/metadata/a b/"),
                    refused.failure());
            assertTrue(script.requests().getLast().startsWith("GET /v1/secret/metadata/a%20b/?list=true "));
        }
    }

    @Test
    void aTokenThatMayNotLookAtItselfMayStillRead() throws IOException {
        try (Script script = inTurn(Script.answer("403 x", "", "{}"), SECRET)) {
            assertInstanceOf(Lookup.Found.class, fetch(script.address()));
        }
    }

    private static Script inTurn(String... answers) throws IOException {
        AtomicInteger count = new AtomicInteger();
        return Script.doing((_, out) -> out.write(answers[count.getAndIncrement()].getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void aTokenIsRenewedInItsLastThirdAndGotAnewWhenItIsOver() throws IOException {
        List<String> answers =
                List.of(login("first", 3600), SECRET, login("first", 3600), SECRET, login("next", 60), SECRET);
        AtomicInteger count = new AtomicInteger();
        try (Script script = Script.doing(
                (_, out) -> out.write(answers.get(count.getAndIncrement()).getBytes(StandardCharsets.UTF_8)))) {
            VaultProvider provider = provider(script.address(), new Auth.Userpass("userpass", "u", "p"), Engine.KV_V2);
            fetch(provider);
            now.addAndGet(Duration.ofMinutes(41).toNanos());
            fetch(provider);
            now.addAndGet(Duration.ofMinutes(61).toNanos());
            fetch(provider);

            List<String> lines = script.requests().stream()
                    .map(request -> request.substring(0, request.indexOf(" HTTP")))
                    .toList();
            assertEquals(
                    List.of(
                            "POST /v1/auth/userpass/login/u",
                            "GET /v1/secret/data/web",
                            "POST /v1/auth/token/renew-self",
                            "GET /v1/secret/data/web",
                            "POST /v1/auth/userpass/login/u",
                            "GET /v1/secret/data/web"),
                    lines);
        }
    }

    @Test
    void credentialsMadeWhenAskedForAreLent() throws IOException {
        String made = Script.answer(
                "200 OK",
                "",
                "{\"lease_id\":\"db/1\",\"lease_duration\":90,\"data\":{\"username\":\"u\",\"password\":\"p\"}}");
        try (Script script = serving(_ -> made)) {
            VaultProvider provider = provider(script.address(), new Auth.Token("t"), Engine.DYNAMIC);

            Lookup.Found found = assertInstanceOf(Lookup.Found.class, fetch(provider));

            assertEquals(
                    Optional.of(Duration.ofSeconds(90)), found.secret().lease().map(Lease::left));
            assertTrue(script.requests().getLast().startsWith("GET /v1/secret/web "));
            found.secret().close();
        }
    }

    private static String login(String token, int seconds) {
        return Script.answer(
                "200 OK",
                "",
                "{\"auth\":{\"client_token\":\"" + token + "\",\"lease_duration\":" + seconds
                        + ",\"renewable\":true}}");
    }
}
