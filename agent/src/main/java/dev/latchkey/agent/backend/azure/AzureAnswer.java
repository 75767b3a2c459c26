package dev.latchkey.agent.backend.azure;

import dev.latchkey.agent.backend.http.HttpResponse;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.json.JsonAnswer;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What a vault answered, the receiver's to close.
 *
 * @param name the provider's, for messages
 */
public record AzureAnswer(String name, HttpResponse response) implements AutoCloseable {
    private static final String USUAL_HINT =
            "give the agent's identity the role 'Key Vault Secrets User', or 'get' in an access policy";
    private static final String LIST_HINT =
            "give the agent's identity the role 'Key Vault Secrets User', or 'list' in an access policy";

    private static final Pattern NEXT = Pattern.compile("[?&](?:\\$|%24)skiptoken=([A-Za-z0-9_.~%+=-]{1,2048})");

    /** What a vault's codes mean, in our words. */
    private static final Map<String, String> HINTS = Map.of(
            "ForbiddenByFirewall", "the vault's firewall does not let this machine in",
            "ForbiddenByConnection", "the vault's network rules do not let this machine in",
            "ForbiddenByPolicy", "the vault's access policies do not name the agent's identity");

    public int status() {
        return response.status();
    }

    public JsonAnswer json() {
        return new JsonAnswer(name, response.body());
    }

    /** Whether it gives that error code. SECURITY: codes are compared and never shown. */
    public boolean says(String code) {
        return code.equals(code());
    }

    private String code() {
        try {
            return json().text("error", "innererror", "code")
                    .or(() -> json().text("error", "code"))
                    .orElse("");
        } catch (AgentException noJson) {
            // The status says what happened, whatever it is said in.
            return "";
        }
    }

    /**
     * What the next page of a list is asked for with, as a part of a query; absent after the last. SECURITY: the link itself would be somebody else's word on
     * where to go, so only its token is taken, and the vault of the configuration is asked.
     *
     * @throws AgentException {@code PROVIDER_MALFORMED} if a link has none
     */
    public Optional<String> next() {
        return json().text("nextLink")
                .filter(link -> !link.isEmpty())
                .map(NEXT::matcher)
                .map(link -> {
                    if (!link.find()) {
                        throw new AgentException(
                                FailureKind.PROVIDER_MALFORMED, name + " goes on with a list and does not say where");
                    }
                    return "$skiptoken=" + link.group(1);
                });
    }

    /** What an answer means that has nothing for us. */
    public AgentException refusal() {
        return refusal("have it", USUAL_HINT);
    }

    /** The same of a list. */
    public AgentException refusalToList() {
        return refusal("list what it has", LIST_HINT);
    }

    private AgentException refusal(String what, String usualHint) {
        return status() == 403
                ? new AgentException(
                        FailureKind.PROVIDER_DENIED,
                        name + " does not let the agent " + what + " (403)",
                        HINTS.getOrDefault(code(), usualHint))
                : notTaken(name, status());
    }

    static AgentException notTaken(String name, int status) {
        return new AgentException(
                FailureKind.PROVIDER_MALFORMED,
                name + " does not take the request (" + status + ")",
                "check its url in the configuration");
    }

    @Override
    public void close() {
        response.close();
    }
}
