package dev.latchkey.agent.backend.azure;

import dev.latchkey.agent.backend.http.Endpoint;
import dev.latchkey.agent.backend.http.HttpClient;
import dev.latchkey.agent.backend.http.HttpRequest;
import dev.latchkey.agent.backend.http.HttpResponse;
import dev.latchkey.agent.backend.http.Tls;
import dev.latchkey.agent.config.AzureConfig;
import dev.latchkey.agent.config.NetworkConfig;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.failure.UnavailableException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/** Asks one Key Vault. */
public final class AzureClient implements AutoCloseable {
    /** Of the data plane, pinned: what a later one would answer is not known here. */
    public static final String VERSION = "7.6";

    private static final Pattern DIRECTORY_ID = Pattern.compile("[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}");

    private final String name;
    private final String resource;
    private final List<String> authorities;
    private final HttpClient http;
    private final LongSupplier nanoTime;
    private final Identity identity;
    private final AzureSession session;

    /**
     * @param name the provider's, for messages
     */
    public AzureClient(String name, AzureConfig config, NetworkConfig network, AzureHost host) {
        this.name = name;
        this.nanoTime = host.nanoTime();
        this.resource = config.effectiveResource();
        Endpoint endpoint = Endpoint.parse(config.url())
                .orElseThrow(() -> new IllegalStateException("an address that the configuration let pass"));
        Tls tls = new Tls(network.authorities(), Optional.empty());
        Identities identities = new Identities(name, config, tls, host);
        this.http = new HttpClient(name, endpoint, tls);
        this.authorities = identities.authorities();
        this.identity = new Found(identities);
        this.session = new AzureSession(identity, nanoTime);
    }

    /** Looks for the identity when it is first needed: what the environment lacks is no reason not to start. */
    private record Found(Identities identities) implements Identity {
        @Override
        public Grant grant(Duration within) {
            return identities.find().grant(within);
        }

        @Override
        public Optional<String> tenant() {
            return identities.find().tenant();
        }
    }

    /**
     * Asks under the agent's token.
     *
     * @param path without its {@code api-version}
     * @return an answer with status 200, 400, 403, 404 or 409, the receiver's to close
     * @throws AgentException {@code PROVIDER_DENIED}, {@code PROVIDER_MALFORMED}, or as {@link HttpClient#send}
     */
    public AzureAnswer get(String path, Duration within) {
        return authorized(() -> HttpRequest.get(versioned(path)), within);
    }

    /** The same with a body of JSON, which is the caller's to wipe. */
    public AzureAnswer post(String path, byte[] body, Duration within) {
        return authorized(() -> HttpRequest.post(versioned(path), body), within);
    }

    private static String versioned(String path) {
        return path + (path.contains("?") ? "&" : "?") + "api-version=" + VERSION;
    }

    private AzureAnswer authorized(Supplier<HttpRequest> request, Duration within) {
        long deadline = nanoTime.getAsLong() + within.toNanos();
        Attempt first = attempted(request, deadline);
        if (first.response().status() != 401) {
            return judged(first.response());
        }
        first.response().close();
        requireOwnChallenge(first.response());
        if (!first.another()) {
            throw denied();
        }
        Attempt second = attempted(request, deadline);
        if (second.response().status() == 401) {
            second.response().close();
            throw denied();
        }
        return judged(second.response());
    }

    /**
     * @param another whether the token was refused and another may help
     */
    private record Attempt(HttpResponse response, boolean another) {}

    private Attempt attempted(Supplier<HttpRequest> request, long deadline) {
        byte[] token = session.authorization(left(deadline));
        try {
            HttpResponse response = http.send(request.get().credential("Authorization", token), left(deadline));
            return new Attempt(response, response.status() == 401 && session.renounce(token));
        } finally {
            Arrays.fill(token, (byte) 0);
        }
    }

    /** SECURITY: a vault that wants a token for something else, or of somebody else, gets none. */
    private void requireOwnChallenge(HttpResponse response) {
        Challenge challenge =
                Challenge.parse(response.header("www-authenticate").orElse(""));
        if (!challenge.isFor(resource)) {
            throw denied(
                    "asks for a token of another domain than its own, and gets none",
                    "tokens are for " + resource
                            + "; check 'url', or set 'resource' if the vault's name lies elsewhere");
        }
        if (!challenge.names(authorities)) {
            throw denied(
                    "names another authority than the agent's, which is not asked",
                    "the agent's is " + String.join(" or ", authorities) + "; check 'cloud' and 'authority'");
        }
        if (identity.tenant()
                .filter(id -> DIRECTORY_ID.matcher(id).matches() && !challenge.isOf(id))
                .isPresent()) {
            throw denied("belongs to another directory than the agent's application", "check 'tenant' of the provider");
        }
    }

    private AzureAnswer judged(HttpResponse response) {
        int status = response.status();
        return switch (status) {
            case 200, 400, 403, 404, 409 -> new AzureAnswer(name, response);
            case 408, 429, 500, 502, 503, 504 -> {
                response.close();
                throw new UnavailableException(
                        Failure.of(FailureKind.PROVIDER_UNAVAILABLE, name + " cannot answer now (" + status + ")"),
                        response.retryAfter(),
                        null);
            }
            default -> {
                response.close();
                throw AzureAnswer.notTaken(name, status);
            }
        };
    }

    private AgentException denied() {
        return denied(
                "does not let the agent have it (401)",
                "the vault does not know the agent: check 'auth' and the directory");
    }

    private AgentException denied(String what, String hint) {
        return new AgentException(FailureKind.PROVIDER_DENIED, name + " " + what, hint);
    }

    private Duration left(long deadline) {
        long left = deadline - nanoTime.getAsLong();
        if (left <= 0) {
            throw new UnavailableException(Failure.of(FailureKind.TIMED_OUT, name + " did not answer in time"));
        }
        return Duration.ofNanos(left);
    }

    /** Wipes the token. */
    @Override
    public void close() {
        session.close();
    }
}
