package dev.latchkey.agent.backend.vault;

import dev.latchkey.agent.backend.http.HttpRequest;
import dev.latchkey.agent.backend.vault.VaultClient.Answer;
import dev.latchkey.agent.config.VaultConfig.Auth;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.failure.IoReason;
import dev.latchkey.agent.failure.UnavailableException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The agent's token. It is renewed by whoever asks in its last third, and got anew where that fails; a thread of its own sees to it while nobody asks.
 *
 * <p>INVARIANT: another takes the place of a token only where that one cannot be kept, or was refused what the other was given. The backend ends with a
 * token whatever it gave under it.
 */
final class VaultSession {
    private static final Duration IN_BACKGROUND = Duration.ofSeconds(20);
    private static final Duration NEW = Duration.ofSeconds(30);
    private static final Duration SECOND = Duration.ofSeconds(1);

    private static final Pattern TOKEN = Pattern.compile("[!-~]{1,65536}");

    private final Auth auth;
    private final Transport transport;
    private final String name;
    private final LongSupplier nanoTime;
    private volatile @Nullable Token current;
    private @Nullable Token candidate;
    private boolean keptAlive;
    private boolean retired;

    VaultSession(Auth auth, Transport transport, String name, LongSupplier nanoTime) {
        this.auth = auth;
        this.transport = transport;
        this.name = name;
        this.nanoTime = nanoTime;
    }

    /** Sends without a token of its own. */
    interface Transport {
        Answer send(HttpRequest request, Duration within);
    }

    /**
     * @param lifetime counted from {@code since}; zero: for ever
     * @param first the lifetime that it was made with
     * @param made when it was got, before it was ever renewed
     * @param most how long after that it ends whatever is asked, where that is known
     */
    record Token(
            String text,
            Duration lifetime,
            boolean renewable,
            long since,
            Duration first,
            long made,
            Optional<Duration> most) {
        static Token made(String text, Duration lifetime, boolean renewable, long now) {
            Optional<Duration> most = renewable || lifetime.isZero() ? Optional.empty() : Optional.of(lifetime);
            return new Token(text, lifetime, renewable, now, lifetime, now, most);
        }

        /** One that ends and cannot be renewed is used until it is refused. */
        Token untilRefused() {
            return new Token(text, Duration.ZERO, renewable, since, Duration.ZERO, made, most);
        }

        /** INVARIANT: a renewal to nothing is an end, and zero would be for ever. */
        Token renewed(Duration to, boolean again, long now) {
            return new Token(text, to.isZero() ? Duration.ofNanos(1) : to, again, now, first, made, most);
        }

        boolean isDue(long now) {
            return !lifetime.isZero() && (now - since) * 3 >= lifetime.toNanos() * 2;
        }

        boolean isOver(long now) {
            return !lifetime.isZero() && now - since >= lifetime.toNanos();
        }

        /** Whether it ought to have been renewed by now. */
        boolean isLate(long now) {
            return !lifetime.isZero() && (now - since) * 6 >= lifetime.toNanos() * 5;
        }

        Optional<Duration> ends(long now) {
            return most.map(all -> all.minusNanos(now - made));
        }

        @Override
        public String toString() {
            return "[redacted]";
        }
    }

    /**
     * @throws AgentException as the login
     */
    synchronized Token token(Duration within) {
        Token token = current;
        long now = nanoTime.getAsLong();
        if (token == null || token.isOver(now) || isReplaced(token)) {
            token = entered(within);
        } else if (token.isDue(now)) {
            token = prolonged(token, within);
        }
        return token;
    }

    /**
     * Another token that may help where this one was refused; absent: none would. One that is new was refused for what it may, not for what it is.
     * It is only a candidate until it is {@linkplain #prefer preferred}.
     *
     * @throws AgentException as the login
     */
    synchronized Optional<Token> another(Token refused, Duration within) {
        Token token = current;
        if (auth instanceof Auth.Token || token == null) {
            return Optional.empty();
        }
        if (!token.text().equals(refused.text()) || isReplaced(token)) {
            return Optional.of(token(within));
        }
        if (isGiven() || isNew(token)) {
            return Optional.empty();
        }
        Token other = candidate;
        if (other == null || !isNew(other)) {
            other = login(within);
            candidate = other;
        }
        return Optional.of(other);
    }

    /** Backends count whole seconds, so a token that is nearly over may have ended already, however new it is. */
    private boolean isNew(Token token) {
        long now = nanoTime.getAsLong();
        return now - token.made() < NEW.toNanos() && !token.isOver(now + SECOND.toNanos());
    }

    /** The candidate was given what the current token was refused. */
    synchronized void prefer(Token token) {
        if (token.equals(candidate)) {
            candidate = null;
            current = token;
            keepUp(token);
        }
    }

    /**
     * How long what was given under a token can last from now on, whatever is asked, as far as is known; zero: another took its place. Does not wait.
     *
     * @param made of that token
     */
    Optional<Duration> most(long made) {
        Token token = current;
        if (token == null || token.made() != made) {
            return Optional.of(Duration.ZERO);
        }
        long now = nanoTime.getAsLong();
        return (token.isLate(now) ? Optional.of(token.lifetime().minusNanos(now - token.since())) : token.ends(now))
                .map(left -> left.isNegative() ? Duration.ZERO : left);
    }

    /** From now on a token is made only for whoever still asks, and is left to end by itself. */
    synchronized void retire() {
        retired = true;
    }

    private Token entered(Duration within) {
        Token token = switch (auth) {
            case Auth.Token(String text) -> known(text, within);
            case Auth.TokenFile(Path file) -> known(token(file), within);
            case Auth.AppRole _, Auth.Jwt _, Auth.Cert _, Auth.Userpass _ -> login(within);
        };
        current = token;
        keepUp(token);
        return token;
    }

    private void keepUp(Token token) {
        if (!keptAlive && !retired && !token.lifetime().isZero()) {
            keptAlive = true;
            Thread.ofVirtual().name("vault-token").start(this::keepAlive);
        }
    }

    /** Whoever makes the token has put another into its file. */
    private boolean isReplaced(Token token) {
        return auth instanceof Auth.TokenFile(Path file) && !token(file).equals(token.text());
    }

    private Token prolonged(Token token, Duration within) {
        Token longer;
        try {
            longer = isGiven() ? renewed(token, within) : renewedOrNew(token, within);
        } catch (AgentException e) {
            // It still holds for a third of its time, and the next request tries again.
            return token;
        }
        current = longer;
        return longer;
    }

    /** Whether somebody else made the token, so that no other can be had. */
    private boolean isGiven() {
        return auth instanceof Auth.Token || auth instanceof Auth.TokenFile;
    }

    /** Near the end of its longest time a token is renewed to less and less: then another is better. */
    private Token renewedOrNew(Token token, Duration within) {
        if (token.renewable()) {
            try {
                Token longer = renewed(token, within);
                if (longer.lifetime().multipliedBy(2).compareTo(token.first()) >= 0) {
                    return longer;
                }
            } catch (UnavailableException e) {
                throw e;
            } catch (AgentException refused) {
                // It was revoked, or may not be renewed any more.
                return login(within);
            }
        }
        return login(within);
    }

    /** While it holds; who asks after that logs in and starts another. */
    private void keepAlive() {
        try {
            for (Duration due = untilDue(); due.isPositive(); due = untilDue()) {
                Thread.sleep(due);
                if (!isRetired()) {
                    renewQuietly();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized boolean isRetired() {
        return retired;
    }

    /** At least a second; zero where nothing is left to keep, and then this thread ends. */
    private synchronized Duration untilDue() {
        Token token = current;
        long now = nanoTime.getAsLong();
        if (retired || token == null || token.lifetime().isZero() || token.isOver(now)) {
            keptAlive = false;
            return Duration.ZERO;
        }
        long due = token.lifetime().toNanos() * 2 / 3 - (now - token.since());
        return Duration.ofNanos(Math.max(due, Duration.ofSeconds(1).toNanos()));
    }

    private void renewQuietly() {
        try {
            token(IN_BACKGROUND);
        } catch (AgentException failed) {
            // Whoever asks next is told; the token holds for a third of its time.
        }
    }

    /** A token that somebody else made: how long it lives is asked. */
    private Token known(String text, Duration within) {
        HttpRequest request = HttpRequest.get("/v1/auth/token/lookup-self").header("X-Vault-Token", text);
        try (Answer answer = transport.send(request, within)) {
            byte[] body = answer.body();
            boolean renewable = VaultJson.text(name, body, "data", "renewable")
                    .filter("true"::equals)
                    .isPresent();
            Duration lifetime = Duration.ofSeconds(VaultJson.number(name, body, "data", "ttl"));
            Token token = Token.made(text, lifetime, renewable, nanoTime.getAsLong());
            return renewable ? token : token.untilRefused();
        } catch (AgentException e) {
            if (e.kind() != FailureKind.PROVIDER_DENIED) {
                throw e;
            }
            // It may not even look at itself; what it may will be seen.
            return Token.made(text, Duration.ZERO, false, nanoTime.getAsLong());
        }
    }

    private Token renewed(Token token, Duration within) {
        HttpRequest request = HttpRequest.post("/v1/auth/token/renew-self", new byte[] {'{', '}'})
                .header("X-Vault-Token", token.text());
        try (Answer answer = transport.send(request, within)) {
            Token granted = granted(answer);
            return token.renewed(granted.lifetime(), granted.renewable(), granted.since());
        }
    }

    private Token login(Duration within) {
        byte[] body = object(credentials());
        try (Answer answer = transport.send(HttpRequest.post("/v1/auth/" + loginPath(), body), within)) {
            if (!answer.there()) {
                throw refused();
            }
            return granted(answer);
        } catch (AgentException e) {
            // A bad credential is answered with 400: no fault of the request.
            throw e.kind() == FailureKind.PROVIDER_MALFORMED || e.kind() == FailureKind.PROVIDER_DENIED ? refused() : e;
        } finally {
            Arrays.fill(body, (byte) 0);
        }
    }

    private AgentException refused() {
        return new AgentException(
                FailureKind.PROVIDER_DENIED,
                name + " does not let the agent log in",
                "check the 'auth' of the provider, and the role in the backend");
    }

    private Token granted(Answer answer) {
        byte[] body = answer.body();
        String text = VaultJson.text(VaultJson.require(name, body, "auth", "client_token"));
        Duration lifetime = Duration.ofSeconds(VaultJson.number(name, body, "auth", "lease_duration"));
        boolean renewable = VaultJson.text(name, body, "auth", "renewable")
                .filter("true"::equals)
                .isPresent();
        return Token.made(text, lifetime, renewable, nanoTime.getAsLong());
    }

    private String loginPath() {
        return switch (auth) {
            case Auth.Token _, Auth.TokenFile _ -> throw new IllegalStateException("a token needs no login");
            case Auth.AppRole role -> role.mount() + "/login";
            case Auth.Jwt jwt -> jwt.mount() + "/login";
            case Auth.Cert cert -> cert.mount() + "/login";
            case Auth.Userpass user -> user.mount() + "/login/" + VaultClient.encoded(user.username());
        };
    }

    private Map<String, String> credentials() {
        return switch (auth) {
            case Auth.Token _, Auth.TokenFile _ -> throw new IllegalStateException("a token needs no login");
            case Auth.AppRole role -> Map.of("role_id", role.roleId(), "secret_id", role.secretId());
            case Auth.Jwt jwt -> Map.of("role", jwt.role(), "jwt", read(jwt.jwt()));
            case Auth.Cert cert ->
                cert.role()
                        .<Map<String, String>>map(role -> Map.of("name", role))
                        .orElse(Map.of());
            case Auth.Userpass user -> Map.of("password", user.password());
        };
    }

    private String token(Path file) {
        String text = read(file);
        if (!TOKEN.matcher(text).matches()) {
            throw new AgentException(
                    FailureKind.PROVIDER_DENIED,
                    name + " cannot be asked: " + file + " holds no token",
                    "whoever makes the token must put it there, on one line");
        }
        return text;
    }

    private static String read(Path file) {
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            throw new AgentException(
                    Failure.of(FailureKind.PROVIDER_DENIED, file + " cannot be read: " + IoReason.of(e)), e);
        }
    }

    private static byte[] object(Map<String, String> fields) {
        StringBuilder json = new StringBuilder("{");
        new TreeMap<>(fields)
                .forEach((key, value) -> json.append(json.length() > 1 ? "," : "")
                        .append('"')
                        .append(key)
                        .append("\":\"")
                        .append(value.replace("\\", "\\\\").replace("\"", "\\\""))
                        .append('"'));
        return json.append('}').toString().getBytes(StandardCharsets.UTF_8);
    }
}
