package dev.latchkey.agent.backend.azure;

import dev.latchkey.agent.backend.http.HttpResponse;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.json.JsonAnswer;
import java.util.Map;

/**
 * What a vault answered, the receiver's to close.
 *
 * @param name the provider's, for messages
 */
public record AzureAnswer(String name, HttpResponse response) implements AutoCloseable {
    private static final String USUAL_HINT =
            "give the agent's identity the role 'Key Vault Secrets User', or 'get' in an access policy";

    /** What a vault's codes mean, in our words. */
    private static final Map<String, String> HINTS = Map.of(
            "ForbiddenByFirewall", "the vault's firewall does not let this machine in",
            "ForbiddenByConnection", "the vault's network rules do not let this machine in",
            "ForbiddenByPolicy", "the vault's access policies do not name the agent's identity",
            "ForbiddenByRbac", USUAL_HINT,
            "AccessDenied", USUAL_HINT);

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

    /** What an answer means that has nothing for us. */
    public AgentException refusal() {
        return status() == 403
                ? new AgentException(
                        FailureKind.PROVIDER_DENIED,
                        name + " does not let the agent have it (403)",
                        HINTS.getOrDefault(code(), USUAL_HINT))
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
