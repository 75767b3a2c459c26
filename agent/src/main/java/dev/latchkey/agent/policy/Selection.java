package dev.latchkey.agent.policy;

import dev.latchkey.agent.secret.SecretLocation;
import java.util.Optional;

/** What the policy makes of a workload, whatever it asks for. INVARIANT: one request uses one selection for all its locations. */
public sealed interface Selection {
    Decision decide(SecretLocation location);

    /** The first rule whose every selector fits. */
    record Selected(Rule rule) implements Selection {
        @Override
        public Decision decide(SecretLocation location) {
            return rule.decide(location);
        }
    }

    /** No rule fits. */
    record Unselected() implements Selection {
        static final String REASON = "no rule matches the caller";

        @Override
        public Decision decide(SecretLocation location) {
            return new Decision.Deny(location, Optional.empty(), REASON);
        }
    }

    /**
     * Whether a rule fits could not be learnt. SECURITY: then no rule behind it decides either, for it may have stood there to deny.
     *
     * @param rule its name
     * @param reason what could not be learnt, in words
     */
    record Unattested(String rule, String reason) implements Selection {
        @Override
        public Decision decide(SecretLocation location) {
            return new Decision.Deny(location, Optional.empty(), "undecided at rule " + rule + ": " + reason);
        }
    }
}
