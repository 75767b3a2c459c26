package dev.latchkey.agent.backend.azure;

import dev.latchkey.agent.backend.http.HttpClient;
import dev.latchkey.agent.backend.http.HttpRequest;
import dev.latchkey.agent.backend.http.HttpResponse;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.failure.UnavailableException;
import dev.latchkey.agent.json.JsonAnswer;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;

/** An application that asks the authority for its tokens: the client credentials grant of OAuth 2.0 (RFC 6749, section 4.4). */
final class Application implements Identity {
    private static final String USUAL_HINT = "check the 'auth' of the provider, and the application in its directory";

    /** What the authority's codes mean, in our words. */
    private static final Map<String, String> HINTS = Map.of(
            "7000215", "its client secret is not the one of the application; its value is meant, not its id",
            "7000222", "its client secret has expired: make another for the application",
            "700016", "the directory has no such application: check tenant and client id",
            "90002", "there is no such directory: check tenant and cloud",
            "700027", "the application does not know the certificate",
            "70021",
                    "the application trusts no token of this issuer for this subject: check its federated credentials");

    private final String name;
    private final Registration registration;
    private final String resource;
    private final HttpClient authority;
    private final Clock clock;

    /**
     * What the directory knows.
     *
     * @param tenant the directory
     */
    record Registration(String tenant, String clientId, Assertion assertion) {}

    /**
     * @param name the provider's, for messages
     * @param resource what tokens are for
     */
    Application(String name, Registration registration, String resource, HttpClient authority, Clock clock) {
        this.name = name;
        this.registration = registration;
        this.resource = resource;
        this.authority = authority;
        this.clock = clock;
    }

    @Override
    public Optional<String> tenant() {
        return Optional.of(registration.tenant());
    }

    @Override
    public Grant grant(Duration within) {
        String path = "/" + registration.tenant() + "/oauth2/v2.0/token";
        Form form = new Form()
                .with("grant_type", "client_credentials")
                .with("client_id", registration.clientId())
                .with("scope", resource + "/.default");
        registration.assertion().addTo(form, authority.endpoint() + path);
        byte[] body = form.toBytes();
        try (HttpResponse response = authority.send(HttpRequest.post(path, Form.TYPE, body), within)) {
            if (response.status() != 200) {
                throw refusal(response);
            }
            return Grant.of(name, response, clock);
        } finally {
            Arrays.fill(body, (byte) 0);
        }
    }

    private AgentException refusal(HttpResponse response) {
        int status = response.status();
        return switch (status) {
            case 400, 401, 403 ->
                new AgentException(
                        FailureKind.PROVIDER_DENIED, name + " does not let the agent log in", hint(response));
            case 408, 429, 500, 502, 503, 504 ->
                new UnavailableException(
                        Failure.of(
                                FailureKind.PROVIDER_UNAVAILABLE,
                                "the authority of " + name + " cannot answer now (" + status + ")"),
                        response.retryAfter(),
                        null);
            default ->
                new AgentException(
                        FailureKind.PROVIDER_MALFORMED,
                        "the authority of " + name + " does not take the request (" + status + ")",
                        "check 'cloud' and 'authority' of the provider");
        };
    }

    private String hint(HttpResponse response) {
        try {
            return new JsonAnswer(name, response.body())
                    .text("error_codes", "0")
                    .map(HINTS::get)
                    .orElse(USUAL_HINT);
        } catch (AgentException noJson) {
            // That it was refused is certain, whatever it is said in.
            return USUAL_HINT;
        }
    }
}
