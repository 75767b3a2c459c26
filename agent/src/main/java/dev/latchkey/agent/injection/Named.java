package dev.latchkey.agent.injection;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.injection.LaunchRequest.RequestedBinding;
import dev.latchkey.agent.reference.ReferenceParser;
import dev.latchkey.agent.secret.Namespace;
import dev.latchkey.agent.secret.SecretLocation;
import dev.latchkey.agent.secret.SecretProvider;
import dev.latchkey.agent.secret.SecretReference;
import java.util.Optional;

/** What the names of one binding mean. */
sealed interface Named {
    RequestedBinding binding();

    /**
     * The reference means a location, on which policy can decide.
     *
     * @param badTarget what is wrong with the name of the variable
     */
    record Meant(
            RequestedBinding binding,
            Optional<Failure> badTarget,
            SecretReference reference,
            SecretProvider provider,
            SecretLocation location)
            implements Named {}

    /** It means nothing. */
    record Meaningless(RequestedBinding binding, Failure failure) implements Named {}

    static Named of(RequestedBinding binding, Optional<Failure> badTarget, Namespace namespace, Providers providers) {
        try {
            SecretReference reference = ReferenceParser.parse(binding.reference());
            SecretProvider provider = providers.of(reference);
            return new Meant(binding, badTarget, reference, provider, provider.locate(reference, namespace));
        } catch (AgentException refused) {
            return new Meaningless(binding, badTarget.orElse(refused.failure()));
        }
    }
}
