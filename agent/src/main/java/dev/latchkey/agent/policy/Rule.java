package dev.latchkey.agent.policy;

import dev.latchkey.agent.secret.Scope;
import java.util.List;
import java.util.Set;

/** One rule of the configuration's {@code workloads}. */
public record Rule(
        String name, Match match, List<LocationPattern> allow, List<LocationPattern> deny, Set<Scope> scopes) {
    public Rule {
        allow = List.copyOf(allow);
        deny = List.copyOf(deny);
        scopes = Set.copyOf(scopes);
    }
}
