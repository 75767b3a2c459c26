package dev.latchkey.agent.policy;

import dev.latchkey.agent.secret.Scope;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Rules for tests, written short. */
public final class Rules {
    private Rules() {}

    public static Rule rule(String name, Match match, String... allow) {
        return new Rule(name, match, patterns(allow), List.of(), Set.of());
    }

    public static Rule denying(Rule rule, String... deny) {
        return new Rule(rule.name(), rule.match(), rule.allow(), patterns(deny), rule.scopes());
    }

    public static Rule scoped(Rule rule, String... scopes) {
        Set<Scope> all = Arrays.stream(scopes).map(Scope::new).collect(Collectors.toSet());
        return new Rule(rule.name(), rule.match(), rule.allow(), rule.deny(), all);
    }

    public static Match uids(Long... uids) {
        return new Match(Set.of(), Set.of(uids), Set.of(), Set.of());
    }

    public static Match gids(Long... gids) {
        return new Match(Set.of(), Set.of(), Set.of(gids), Set.of());
    }

    public static Match groups(Long... groups) {
        return new Match(Set.of(), Set.of(), Set.of(), Set.of(groups));
    }

    public static Match listener(String listener) {
        return new Match(Set.of(listener), Set.of(), Set.of(), Set.of());
    }

    private static List<LocationPattern> patterns(String... texts) {
        return Arrays.stream(texts).map(Rules::pattern).toList();
    }

    private static LocationPattern pattern(String text) {
        int colon = text.indexOf(':');
        return new LocationPattern(text.substring(0, colon), text.substring(colon + 1));
    }
}
