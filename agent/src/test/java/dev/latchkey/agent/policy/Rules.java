package dev.latchkey.agent.policy;

import dev.latchkey.agent.secret.Scope;
import dev.latchkey.agent.workload.Caller;
import dev.latchkey.agent.workload.Presented;
import dev.latchkey.agent.workload.Supposed;
import dev.latchkey.agent.workload.Workload;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Rules and workloads for tests, written short. */
public final class Rules {
    private Rules() {}

    public static Rule rule(String name, Match match, String... allow) {
        return new Rule(name, match, Grants.of(patterns(allow), List.of()), RuleLimits.NONE);
    }

    public static Rule denying(Rule rule, String... deny) {
        Grants of = rule.grants();
        return with(rule, new Grants(of.allow(), new LocationPatterns(patterns(deny)), of.injectAll(), of.scopes()));
    }

    public static Rule scoped(Rule rule, String... scopes) {
        Grants of = rule.grants();
        Set<Scope> all = Arrays.stream(scopes).map(Scope::new).collect(Collectors.toSet());
        return with(rule, new Grants(of.allow(), of.deny(), of.injectAll(), all));
    }

    public static Rule injecting(Rule rule, String... injectAll) {
        Grants of = rule.grants();
        return with(rule, new Grants(of.allow(), of.deny(), new LocationPatterns(patterns(injectAll)), of.scopes()));
    }

    public static Rule limited(Rule rule, RuleLimits limits) {
        return new Rule(rule.name(), rule.match(), rule.grants(), limits);
    }

    private static Rule with(Rule rule, Grants grants) {
        return new Rule(rule.name(), rule.match(), grants, rule.limits());
    }

    public static Match uids(Long... uids) {
        return Match.of(new CallerSelector.Uid(Set.of(uids)));
    }

    public static Match gids(Long... gids) {
        return Match.of(new CallerSelector.Gid(Set.of(gids)));
    }

    public static Match groups(Long... groups) {
        return Match.of(new CallerSelector.Groups(Set.of(groups)));
    }

    public static Match listener(String... listeners) {
        return Match.of(new CallerSelector.Listener(Set.of(listeners)));
    }

    public static Match both(Match one, Match other) {
        return Match.of(one.selectors().getFirst(), other.selectors().getFirst());
    }

    /** A caller of whose process nothing is known but what the caller itself tells. */
    public static Workload workload(Caller caller) {
        return new Workload(caller, true, Supposed.Facts.PLAIN, Presented.NOTHING);
    }

    private static List<LocationPattern> patterns(String... texts) {
        return Arrays.stream(texts).map(Rules::pattern).toList();
    }

    private static LocationPattern pattern(String text) {
        int colon = text.indexOf(':');
        return new LocationPattern(text.substring(0, colon), text.substring(colon + 1));
    }
}
