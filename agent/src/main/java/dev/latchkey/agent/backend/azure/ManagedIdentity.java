package dev.latchkey.agent.backend.azure;

import dev.latchkey.agent.backend.http.HttpClient;
import dev.latchkey.agent.backend.http.HttpRequest;
import dev.latchkey.agent.backend.http.HttpResponse;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.failure.UnavailableException;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;

/** The identity that the platform gives: a machine by its metadata service, an app or a container by an endpoint of its own. */
final class ManagedIdentity implements Identity {
    /** A machine that is not Azure's has nobody at that address, and often no answer either. */
    private static final Duration LONGEST = Duration.ofSeconds(5);

    private final String name;
    private final Platform platform;
    private final String resource;
    private final Optional<String> clientId;
    private final Clock clock;

    /** Who gives its tokens. */
    sealed interface Platform {
        HttpClient http();

        /** The metadata service of a machine. */
        record Machine(HttpClient http) implements Platform {}

        /**
         * App Service, Functions, Container Apps.
         *
         * @param secret proves that the request is the app's own
         */
        record App(HttpClient http, String secret) implements Platform {
            @Override
            public String toString() {
                return "[redacted]";
            }
        }
    }

    /**
     * @param name the provider's, for messages
     * @param clientId of an identity that a user assigned
     */
    ManagedIdentity(String name, Platform platform, String resource, Optional<String> clientId, Clock clock) {
        this.name = name;
        this.platform = platform;
        this.resource = resource;
        this.clientId = clientId;
        this.clock = clock;
    }

    @Override
    public Grant grant(Duration within) {
        Duration most = within.compareTo(LONGEST) < 0 ? within : LONGEST;
        try (HttpResponse response = platform.http().send(request(), most)) {
            if (response.status() != 200) {
                throw refusal(response);
            }
            return Grant.of(name, response, clock);
        }
    }

    private HttpRequest request() {
        return switch (platform) {
            case Platform.Machine _ ->
                HttpRequest.get("/metadata/identity/oauth2/token" + query("2018-02-01"))
                        .header("Metadata", "true");
            case Platform.App(HttpClient _, String secret) ->
                HttpRequest.get(query("2019-08-01")).header("X-IDENTITY-HEADER", secret);
        };
    }

    private String query(String version) {
        Form form = new Form().with("api-version", version).with("resource", resource);
        clientId.ifPresent(id -> form.with("client_id", id));
        return form.toQuery();
    }

    /** The metadata service answers 404 and 410 while it is not ready. */
    private AgentException refusal(HttpResponse response) {
        int status = response.status();
        return switch (status) {
            case 400, 401, 403 ->
                new AgentException(
                        FailureKind.PROVIDER_DENIED,
                        name + " has no such managed identity here (" + status + ")",
                        "assign one to the machine or app; of several, name one by 'client-id'");
            case 404, 408, 410, 429, 500, 502, 503, 504 ->
                new UnavailableException(
                        Failure.of(
                                FailureKind.PROVIDER_UNAVAILABLE,
                                "the managed identity of " + name + " cannot be had now (" + status + ")"),
                        response.retryAfter(),
                        null);
            default ->
                new AgentException(
                        FailureKind.PROVIDER_MALFORMED,
                        "who gives the managed identity of " + name + " does not take the request (" + status + ")");
        };
    }
}
