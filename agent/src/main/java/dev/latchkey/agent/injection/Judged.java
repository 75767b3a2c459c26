package dev.latchkey.agent.injection;

import dev.latchkey.agent.audit.AuditEvent.Item;
import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.injection.LaunchRequest.RequestedBinding;
import dev.latchkey.agent.policy.Decision;
import dev.latchkey.agent.reference.ReferenceParser;
import dev.latchkey.agent.secret.SecretLocation;
import dev.latchkey.agent.secret.SecretProvider;
import dev.latchkey.agent.secret.SecretReference;
import java.util.Optional;

/** One binding after all that names alone can tell. */
sealed interface Judged {
    RequestedBinding binding();

    /** As it stands in the audit record of the request. */
    Item item();

    /** It may be looked up. INVARIANT: there is none of a location that the policy does not allow. */
    record Cleared(
            RequestedBinding binding, SecretReference reference, SecretProvider provider, Decision.Allow decision)
            implements Judged {
        SecretLocation location() {
            return decision.location();
        }

        @Override
        public Item item() {
            return new Item(
                    binding.target(),
                    location().toString(),
                    true,
                    decision.decidedBy(),
                    Optional.empty(),
                    DangerousNames.contains(binding.target()));
        }
    }

    /**
     * It may not be looked up.
     *
     * @param decision absent if it means no location that could be decided on
     */
    record Stopped(RequestedBinding binding, Optional<Decision> decision, Failure failure) implements Judged {
        @Override
        public Item item() {
            return new Item(
                    binding.target(),
                    decision.map(d -> d.location().toString()).orElse(ReferenceParser.shown(binding.reference())),
                    false,
                    decision.flatMap(Decision::decidedBy),
                    Optional.of(reason()),
                    DangerousNames.contains(binding.target()));
        }

        /** SECURITY: a failure that is no decision is told by its code alone, for its message may quote what stands behind the comma. */
        private String reason() {
            return decision.orElse(null) instanceof Decision.Deny deny
                    ? deny.reason()
                    : failure.kind().text();
        }
    }
}
