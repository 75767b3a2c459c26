package dev.latchkey.agent.backend.aws;

import dev.latchkey.agent.failure.AgentException;
import java.time.Duration;

/** One region, asked under the credentials of a configuration. */
@FunctionalInterface
public interface AwsRegion {
    /**
     * Asks once.
     *
     * @param within when the answer is of no more use; it returns or throws by then
     * @throws dev.latchkey.agent.failure.UnavailableException where asking again, or another region, may help
     * @throws AgentException {@code PROVIDER_DENIED}, {@code PROVIDER_MALFORMED}, {@code DECRYPTION_FAILED}
     */
    AwsAnswer ask(AwsQuestion question, Duration within);
}
