package dev.latchkey.agent.policy;

import dev.latchkey.agent.secret.SecretLocation;
import java.util.Optional;

/** One rule of the configuration's {@code workloads}. */
public record Rule(String name, Match match, Grants grants, RuleLimits limits) {
    /** What this rule says to a caller that it matches: {@code deny} before {@code allow}, and what neither names is denied. */
    Decision decide(SecretLocation location) {
        boolean allowed = grants.deny().firstMatch(location).isEmpty()
                && grants.allow().firstMatch(location).isPresent();
        return allowed
                ? new Decision.Allow(location, name, grants.scopes())
                : new Decision.Deny(location, Optional.of(name), reason(location));
    }

    /** The pattern that settles {@link #decide}, or that there is none. */
    String reason(SecretLocation location) {
        Optional<String> denying = grants.deny().firstMatch(location).map(pattern -> "deny " + pattern + " matches");
        Optional<String> allowing = grants.allow().firstMatch(location).map(pattern -> "allow " + pattern + " matches");
        return denying.or(() -> allowing).orElse("no allow pattern matches");
    }

    /** Whether a caller that asks for everything gets this, if it may have it. */
    public boolean injects(SecretLocation location) {
        return grants.injectAll().firstMatch(location).isPresent();
    }
}
