package dev.latchkey.agent.policy;

import dev.latchkey.agent.secret.Scope;
import dev.latchkey.agent.secret.SecretLocation;
import java.util.Optional;
import java.util.Set;

/** What the policy says to one caller about one location. */
public sealed interface Decision {
    SecretLocation location();

    /**
     * @param scopes what the rule may have of scoped secrets
     */
    record Allow(SecretLocation location, String rule, Set<Scope> scopes) implements Decision {
        public Allow {
            scopes = Set.copyOf(scopes);
        }

        /** Whether a secret of these scopes may be served; one without scopes may. */
        public boolean permits(Set<Scope> secretScopes) {
            return secretScopes.isEmpty() || secretScopes.stream().anyMatch(scopes::contains);
        }
    }

    /**
     * @param rule absent if no rule matched the caller
     * @param reason for operators and the audit log, not for the caller
     */
    record Deny(SecretLocation location, Optional<String> rule, String reason) implements Decision {}
}
