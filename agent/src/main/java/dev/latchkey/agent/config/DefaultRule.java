package dev.latchkey.agent.config;

import dev.latchkey.agent.policy.CallerSelector;
import dev.latchkey.agent.policy.Grants;
import dev.latchkey.agent.policy.LocationPattern;
import dev.latchkey.agent.policy.Match;
import dev.latchkey.agent.policy.Rule;
import dev.latchkey.agent.policy.RuleLimits;
import java.util.List;
import java.util.Set;

/** The rule that holds where the file has no {@code workloads}. SECURITY: it serves nobody but the user who runs the agent. */
final class DefaultRule {
    private static final String NAME = "default";

    private DefaultRule() {}

    static Rule of(long uid, List<ProviderConfig> providers) {
        return of(Match.of(new CallerSelector.Uid(Set.of(uid))), providers);
    }

    /** The rules of a loaded configuration where other providers are in force: this one follows those, any other stays as it was written. */
    static List<Rule> forProviders(List<ProviderConfig> inForce, AgentConfig loaded) {
        List<Rule> rules = loaded.workloads();
        if (rules.size() != 1) {
            return rules;
        }
        Match match = rules.getFirst().match();
        boolean isThisOne = rules.getFirst().equals(of(match, loaded.providers()));
        return isThisOne ? List.of(of(match, inForce)) : rules;
    }

    private static Rule of(Match match, List<ProviderConfig> providers) {
        List<LocationPattern> everything = providers.stream()
                .map(provider -> new LocationPattern(provider.name(), "**"))
                .toList();
        return new Rule(NAME, match, Grants.of(everything, List.of()), RuleLimits.NONE);
    }
}
