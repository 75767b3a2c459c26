package dev.latchkey.agent.policy;

import dev.latchkey.agent.secret.Scope;
import dev.latchkey.agent.secret.SecretLocation;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** One rule of the configuration's {@code workloads}. */
public record Rule(
        String name, Match match, List<LocationPattern> allow, List<LocationPattern> deny, Set<Scope> scopes) {
    public Rule {
        allow = List.copyOf(allow);
        deny = List.copyOf(deny);
        scopes = Set.copyOf(scopes);
    }

    /** What this rule says to a caller that it matches: {@code deny} before {@code allow}, and what neither names is denied. */
    Decision decide(SecretLocation location) {
        boolean allowed = firstMatch(deny, location).isEmpty()
                && firstMatch(allow, location).isPresent();
        return allowed
                ? new Decision.Allow(location, name, scopes)
                : new Decision.Deny(location, Optional.of(name), reason(location));
    }

    /** The pattern that settles {@link #decide}, or that there is none. */
    String reason(SecretLocation location) {
        Optional<String> denying = firstMatch(deny, location).map(pattern -> "deny " + pattern + " matches");
        Optional<String> allowing = firstMatch(allow, location).map(pattern -> "allow " + pattern + " matches");
        return denying.or(() -> allowing).orElse("no allow pattern matches");
    }

    private static Optional<LocationPattern> firstMatch(List<LocationPattern> patterns, SecretLocation location) {
        return patterns.stream().filter(pattern -> pattern.matches(location)).findFirst();
    }
}
