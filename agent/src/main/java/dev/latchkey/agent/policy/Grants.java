package dev.latchkey.agent.policy;

import dev.latchkey.agent.secret.Scope;
import java.util.List;
import java.util.Set;

/**
 * What a rule gives to the callers that it matches.
 *
 * @param allow what they may have
 * @param deny what they may not have, whatever {@code allow} says
 * @param injectAll what they get when they ask for everything; of that only what they may have
 * @param scopes what they may have of scoped secrets
 */
public record Grants(LocationPatterns allow, LocationPatterns deny, LocationPatterns injectAll, Set<Scope> scopes) {
    public Grants {
        scopes = Set.copyOf(scopes);
    }

    public Grants(
            List<LocationPattern> allow,
            List<LocationPattern> deny,
            List<LocationPattern> injectAll,
            Set<Scope> scopes) {
        this(new LocationPatterns(allow), new LocationPatterns(deny), new LocationPatterns(injectAll), scopes);
    }

    /** Without scopes, and nothing for those who ask for everything. */
    public static Grants of(List<LocationPattern> allow, List<LocationPattern> deny) {
        return new Grants(allow, deny, List.of(), Set.of());
    }
}
