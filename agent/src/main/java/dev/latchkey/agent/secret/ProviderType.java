package dev.latchkey.agent.secret;

import dev.latchkey.agent.failure.AgentException;
import java.util.List;
import java.util.Map;

/**
 * A kind of provider that does not come with the agent. A jar in a folder of its own under {@code lib/providers} offers it: it names the class in
 * {@code META-INF/services/dev.latchkey.agent.secret.ProviderType}. It is loaded only if the configuration has a provider of its type.
 *
 * <p>SECURITY: such a jar runs with everything that the agent can do.
 */
public interface ProviderType {
    /** What {@code type:} says, {@code [a-z][a-z0-9-]*}; none of the agent's own. */
    String type();

    /** The keys that it has besides {@code type}. */
    List<Setting> settings();

    /**
     * Makes a provider. Must not block, nor ask its backend: that is for {@link SecretProvider#find}.
     *
     * @param name the provider's in the configuration
     * @param values of the settings that the configuration gives, without their {@code ${…}}; every required one is there
     * @throws AgentException of kind {@code BAD_CONFIGURATION} if they make no sense together; then the agent does not start
     */
    SecretProvider open(String name, Map<String, String> values);

    /**
     * One key.
     *
     * @param doc a sentence for the operator, without full stop
     */
    record Setting(String name, boolean required, String doc) {}
}
