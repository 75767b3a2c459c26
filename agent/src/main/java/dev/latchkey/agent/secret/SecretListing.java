package dev.latchkey.agent.secret;

import dev.latchkey.agent.failure.AgentException;
import java.time.Duration;
import java.util.List;

/**
 * What a provider, remote or not, also is if it can tell which secrets it has: so that operators can import from it.
 *
 * <p>SECURITY: it knows nothing of policy. Only operators of the highest role are told.
 */
public interface SecretListing {
    /**
     * One folder of secrets, or all that are below it, as the backend has it.
     *
     * @param prefix empty, or a path that ends with {@code /}
     * @param within when the answer is of no more use; a provider without a connection may take its time
     * @return paths as a reference has them once it is decoded, all beginning with the prefix; one that ends with {@code /} has more below it, for which
     *     this is asked again
     * @throws dev.latchkey.agent.failure.UnavailableException where asking again may help
     * @throws AgentException {@code PROVIDER_DENIED}, {@code PROVIDER_MALFORMED}, or {@code BAD_ARGUMENT} if it cannot list as it is configured
     */
    List<String> list(String prefix, Duration within);
}
