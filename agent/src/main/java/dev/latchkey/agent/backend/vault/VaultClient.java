package dev.latchkey.agent.backend.vault;

import dev.latchkey.agent.backend.http.Endpoint;
import dev.latchkey.agent.backend.http.HttpClient;
import dev.latchkey.agent.backend.http.HttpRequest;
import dev.latchkey.agent.backend.http.HttpResponse;
import dev.latchkey.agent.backend.http.Tls;
import dev.latchkey.agent.backend.vault.VaultSession.Token;
import dev.latchkey.agent.config.NetworkConfig;
import dev.latchkey.agent.config.VaultConfig;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.failure.UnavailableException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

/** Asks one Vault or OpenBao. */
public final class VaultClient {
    /** What every path begins with. */
    private static final String API = "/v1/";

    private static final long NO_TOKEN = 0;

    private final String name;
    private final List<HttpClient> nodes;
    private final Optional<String> namespace;
    private final VaultSession session;
    private final LongSupplier nanoTime;
    private volatile int preferred;

    /**
     * @param name the provider's, for messages
     */
    public VaultClient(String name, VaultConfig config, NetworkConfig network, LongSupplier nanoTime) {
        this.name = name;
        this.nanoTime = nanoTime;
        this.namespace = config.namespace();
        Tls tls = new Tls(network.authorities(), identity(config.auth()));
        this.nodes = config.addresses().stream()
                .map(address -> new HttpClient(name, endpoint(address), tls))
                .toList();
        this.session = new VaultSession(config.auth(), this::anonymous, name, nanoTime);
    }

    private static Endpoint endpoint(String address) {
        return Endpoint.parse(address)
                .orElseThrow(() -> new IllegalStateException("an address that the configuration let pass"));
    }

    private static Optional<Tls.Identity> identity(VaultConfig.Auth auth) {
        return auth instanceof VaultConfig.Auth.Cert cert
                ? Optional.of(new Tls.Identity(cert.certificate(), cert.key()))
                : Optional.empty();
    }

    /** A path with every character that means something escaped, except its slashes. */
    public static String encoded(String path) {
        return Arrays.stream(path.split("/", -1))
                .map(part -> URLEncoder.encode(part, StandardCharsets.UTF_8).replace("+", "%20"))
                .collect(Collectors.joining("/"));
    }

    /**
     * Asks under the agent's token.
     *
     * @return absent where there is nothing (404), with the body that says so
     * @throws AgentException {@code PROVIDER_DENIED}, {@code PROVIDER_MALFORMED}, or as {@link HttpClient#send}
     */
    public Answer get(String path, Duration within) {
        return authorized(token -> HttpRequest.get(path).header("X-Vault-Token", token), within);
    }

    /**
     * The same of what is below a path, for which policies have a word of their own.
     *
     * @param path as policies have it: from the mount on, and not encoded
     */
    public Answer list(String path, Duration within) {
        Asked asked = asked(
                token -> HttpRequest.get(API + encoded(path) + "?list=true").header("X-Vault-Token", token), within);
        if (asked.response().status() == 403) {
            asked.response().close();
            throw new AgentException(
                    FailureKind.PROVIDER_DENIED,
                    name + " does not let the agent list what it has (403)",
                    "the policy of the agent's token or role needs 'list' on " + path);
        }
        return judged(asked);
    }

    /** The same with a body, which is the caller's to wipe. */
    public Answer post(String path, byte[] body, Duration within) {
        return authorized(token -> HttpRequest.post(path, body).header("X-Vault-Token", token), within);
    }

    /** The same, where it is an answer too that what was sent does not fit (400). */
    public Answer postOrUnfit(String path, byte[] body, Duration within) {
        Asked asked = asked(token -> HttpRequest.post(path, body).header("X-Vault-Token", token), within);
        return fitting(asked);
    }

    /** The same under the token that the agent has, even where it is refused. */
    public Answer postOnce(String path, byte[] body, Duration within) {
        long deadline = nanoTime.getAsLong() + within.toNanos();
        Token token = session.token(within);
        HttpRequest request = HttpRequest.post(path, body).header("X-Vault-Token", token.text());
        return fitting(new Asked(send(request, left(deadline)), token));
    }

    private Answer fitting(Asked asked) {
        return asked.response().status() == 400
                ? new Answer(asked.response(), false, asked.token().made())
                : judged(asked);
    }

    /**
     * How long what an answer gave can last from now on, whatever is asked, as far as is known; zero: it was given under a token that is not the agent's
     * any more. Does not wait.
     *
     * @param under of the answer
     */
    public Optional<Duration> most(long under) {
        return session.most(under);
    }

    /** Renews its token no more. */
    public void retire() {
        session.retire();
    }

    /** Makes a request under a token. */
    private interface Authorized {
        HttpRequest under(String token);
    }

    private Answer authorized(Authorized request, Duration within) {
        return judged(asked(request, within));
    }

    /** A response, and the token that it came under. */
    private record Asked(HttpResponse response, Token token) {}

    private Asked asked(Authorized request, Duration within) {
        long deadline = nanoTime.getAsLong() + within.toNanos();
        Token token = session.token(within);
        HttpResponse response = send(request.under(token.text()), left(deadline));
        if (response.status() != 403) {
            return new Asked(response, token);
        }
        Optional<Token> other = another(token, response, left(deadline));
        if (other.isEmpty()) {
            return new Asked(response, token);
        }
        response.close();
        HttpResponse second = send(request.under(other.get().text()), left(deadline));
        if (second.status() != 403) {
            session.prefer(other.get());
        }
        return new Asked(second, other.get());
    }

    /** The response is closed only if this fails, for then nobody else has it. */
    private Optional<Token> another(Token refused, HttpResponse response, Duration within) {
        boolean known = false;
        try {
            Optional<Token> other = session.another(refused, within);
            known = true;
            return other;
        } finally {
            if (!known) {
                response.close();
            }
        }
    }

    /** For logging in: without a token. */
    private Answer anonymous(HttpRequest request, Duration within) {
        return judged(send(request, within), NO_TOKEN);
    }

    /** From the node that last answered on; each gets its share of the time that is left, so that a silent one leaves some to the others. */
    private HttpResponse send(HttpRequest request, Duration within) {
        long deadline = nanoTime.getAsLong() + within.toNanos();
        namespace.ifPresent(name -> request.header("X-Vault-Namespace", name));
        request.header("X-Vault-Request", "true");
        int first = preferred;
        for (int others = nodes.size() - 1; ; others--) {
            int node = (first + nodes.size() - 1 - others) % nodes.size();
            Duration share = left(deadline).dividedBy(others + 1);
            try {
                HttpResponse response = send(nodes.get(node), request, share);
                if (others == 0 || !anotherMayAnswer(response.status())) {
                    preferred = node;
                    return response;
                }
                response.close();
            } catch (UnavailableException e) {
                if (others == 0) {
                    throw e;
                }
            }
        }
    }

    /** Sealed, without an active node, or what stands before it cannot reach it. */
    private static boolean anotherMayAnswer(int status) {
        return status == 500 || status == 502 || status == 503 || status == 504;
    }

    private HttpResponse send(HttpClient http, HttpRequest request, Duration within) {
        long deadline = nanoTime.getAsLong() + within.toNanos();
        HttpResponse response = http.send(request, within);
        if (response.status() != 307 && response.status() != 308) {
            return response;
        }
        response.close();
        return http.at(active(response, http)).send(request, left(deadline));
    }

    /** SECURITY: the token goes along, so only to the same scheme: never from TLS to none. */
    private Endpoint active(HttpResponse response, HttpClient http) {
        return response.header("location")
                .flatMap(VaultClient::withoutPath)
                .flatMap(Endpoint::parse)
                .filter(to -> to instanceof Endpoint.Tcp other
                        && http.endpoint() instanceof Endpoint.Tcp own
                        && other.tls() == own.tls())
                .orElseThrow(() -> new UnavailableException(
                        Failure.of(FailureKind.PROVIDER_UNAVAILABLE, name + " redirects to where it is not followed")));
    }

    private static Optional<String> withoutPath(String location) {
        int path = location.indexOf(API);
        return path < 0 ? Optional.empty() : Optional.of(location.substring(0, path));
    }

    private Answer judged(Asked asked) {
        return judged(asked.response(), asked.token().made());
    }

    private Answer judged(HttpResponse response, long under) {
        int status = response.status();
        if (status == 200 || status == 202 || status == 204) {
            return new Answer(response, true, under);
        }
        if (status == 404) {
            return new Answer(response, false, under);
        }
        response.close();
        throw switch (status) {
            case 403, 401 ->
                new AgentException(
                        FailureKind.PROVIDER_DENIED,
                        name + " does not let the agent have it (" + status + ")",
                        "the policy of the agent's token or role in it decides this; a token that ended or that it does not know is"
                                + " refused in the same way");
            case 412, 429, 472, 473, 500, 502, 503, 504 ->
                new UnavailableException(
                        Failure.of(FailureKind.PROVIDER_UNAVAILABLE, name + " cannot answer now (" + status + ")"),
                        response.retryAfter(),
                        null);
            default ->
                new AgentException(
                        FailureKind.PROVIDER_MALFORMED,
                        name + " does not take the request (" + status + ")",
                        "check its address, mount and engine in the configuration");
        };
    }

    private Duration left(long deadline) {
        long left = deadline - nanoTime.getAsLong();
        if (left <= 0) {
            throw new UnavailableException(Failure.of(FailureKind.TIMED_OUT, name + " did not answer in time"));
        }
        return Duration.ofNanos(left);
    }

    /**
     * An answer, the receiver's to close.
     *
     * @param there false: there is nothing
     * @param under which token it was given under, for {@link #most}
     */
    public record Answer(HttpResponse response, boolean there, long under) implements AutoCloseable {
        /** What was sent does not fit what is there. */
        public boolean unfit() {
            return response.status() == 400;
        }

        public byte[] body() {
            return response.body();
        }

        @Override
        public void close() {
            response.close();
        }
    }
}
