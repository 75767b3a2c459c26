package dev.latchkey.agent.backend.doppler;

import dev.latchkey.agent.backend.http.Endpoint;
import dev.latchkey.agent.backend.http.HttpClient;
import dev.latchkey.agent.backend.http.HttpRequest;
import dev.latchkey.agent.backend.http.HttpResponse;
import dev.latchkey.agent.backend.http.Tls;
import dev.latchkey.agent.config.DopplerConfig;
import dev.latchkey.agent.config.NetworkConfig;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.failure.UnavailableException;
import dev.latchkey.agent.json.JsonAnswer;
import dev.latchkey.agent.secret.SecretValue;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Pattern;

/** Asks Doppler for one config. */
public final class DopplerClient {
    private static final Pattern TAG = Pattern.compile("[!-~]{1,256}");

    private final String name;
    private final DopplerConfig config;
    private final HttpClient http;

    /**
     * @param name the provider's, for messages
     */
    public DopplerClient(String name, DopplerConfig config, NetworkConfig network) {
        this.name = name;
        this.config = config;
        Endpoint endpoint = Endpoint.parse(config.address())
                .orElseThrow(() -> new IllegalStateException("an address that the configuration let pass"));
        this.http = new HttpClient(name, endpoint, new Tls(network.authorities(), Optional.empty()));
    }

    /** An answer. */
    public sealed interface Download {
        /**
         * The secrets of the config.
         *
         * @param secrets an object of texts, the receiver's to close
         * @param tag what to ask about it with; empty if there is none
         */
        record Changed(SecretValue secrets, String tag) implements Download {}

        /** Those of the tag that was asked about. */
        record Unchanged() implements Download {}

        /** There is no such project or config. */
        record Nothing() implements Download {}
    }

    /**
     * Downloads.
     *
     * @param known the tag of what is there already
     * @throws AgentException {@code PROVIDER_DENIED}, {@code PROVIDER_MALFORMED}, or as {@link HttpClient#send}
     */
    public Download download(Optional<String> known, Duration within) {
        HttpRequest request = HttpRequest.get(path())
                .header("Authorization", "Bearer " + config.token())
                .header("Accept", "application/json");
        known.ifPresent(tag -> request.header("If-None-Match", tag));
        try (HttpResponse response = http.send(request, within)) {
            return switch (response.status()) {
                case 200 -> changed(response);
                case 304 -> unchanged(known);
                case 404 -> new Download.Nothing();
                default -> throw refusal(response);
            };
        }
    }

    private String path() {
        return "/v3/configs/config/secrets/download?format=json"
                + config.project().map(project -> "&project=" + project).orElse("")
                + config.config().map(name -> "&config=" + name).orElse("");
    }

    private Download changed(HttpResponse response) {
        if (response.body().length > SecretValue.MAX_BYTES) {
            throw malformed("answers with more than " + SecretValue.MAX_BYTES + " bytes", "split the config");
        }
        new JsonAnswer(name, response.body()).requireObject();
        String tag = response.header("etag")
                .filter(text -> TAG.matcher(text).matches())
                .orElse("");
        return new Download.Changed(SecretValue.owning(response.body().clone()), tag);
    }

    private Download unchanged(Optional<String> known) {
        if (known.isEmpty()) {
            throw malformed("says that nothing changed without having been asked", "check its address");
        }
        return new Download.Unchanged();
    }

    private AgentException refusal(HttpResponse response) {
        int status = response.status();
        return switch (status) {
            case 401, 403 ->
                new AgentException(
                        FailureKind.PROVIDER_DENIED,
                        name + " does not let the agent have it (" + status + ")",
                        "the token may be revoked or expired, or may not read this config");
            case 408, 429, 500, 502, 503, 504 ->
                new UnavailableException(
                        Failure.of(FailureKind.PROVIDER_UNAVAILABLE, name + " cannot answer now (" + status + ")"),
                        response.retryAfter(),
                        null);
            default ->
                malformed(
                        "does not take the request (" + status + ")",
                        "check its project, config and address; only a service token needs no project and config");
        };
    }

    private AgentException malformed(String what, String hint) {
        return new AgentException(FailureKind.PROVIDER_MALFORMED, name + " " + what, hint);
    }
}
