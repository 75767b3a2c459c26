package dev.latchkey.agent.policy;

import dev.latchkey.agent.secret.Scope;
import dev.latchkey.agent.secret.SecretLocation;
import java.util.Optional;
import java.util.Set;

/** What the policy says to one caller about one location. */
public sealed interface Decision {
    SecretLocation location();

    /** The name of the deciding rule; absent if no rule matched the caller. */
    Optional<String> decidedBy();

    /**
     * @param scopes what the rule may have of scoped secrets
     */
    record Allow(SecretLocation location, String rule, Set<Scope> scopes) implements Decision {
        public Allow {
            scopes = Set.copyOf(scopes);
        }

        @Override
        public Optional<String> decidedBy() {
            return Optional.of(rule);
        }

        /** Whether a secret of these scopes may be served; one without scopes may. */
        public boolean permits(Set<Scope> secretScopes) {
            return secretScopes.isEmpty() || secretScopes.stream().anyMatch(scopes::contains);
        }
    }

    /**
     * @param rule absent if no rule matched the caller
     */
    record Deny(SecretLocation location, Optional<String> rule, String reason) implements Decision {
        @Override
        public Optional<String> decidedBy() {
            return rule;
        }
    }
}
