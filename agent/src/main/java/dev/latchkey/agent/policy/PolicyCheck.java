package dev.latchkey.agent.policy;

import dev.latchkey.agent.policy.RuleProblem.Part;
import dev.latchkey.agent.workload.Capability;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Finds the rules that cannot mean what they say: without a selector, never reached, of a name that is taken. */
public final class PolicyCheck {
    private final List<Rule> rules;

    /** By identity, for two rules that are the same in all else may be written in two ways. */
    private final IdentityHashMap<Rule, String> shown = new IdentityHashMap<>();

    private final Surroundings surroundings;
    private final CoveringRules earlier = new CoveringRules();
    private final List<RuleProblem> problems = new ArrayList<>();

    private PolicyCheck(List<Rule> rules, List<String> shown, Surroundings surroundings) {
        this.rules = rules;
        IntStream.range(0, rules.size()).forEach(index -> this.shown.put(rules.get(index), shown.get(index)));
        this.surroundings = surroundings;
    }

    /**
     * What rules are held against.
     *
     * @param listeners the names of all sockets
     * @param withoutPid those of them that take callers whose pid cannot be seen
     * @param notProving those of them that tell no launcher from others, with the reason in words
     * @param lacking what the machine cannot do, with the reason in words
     */
    public record Surroundings(
            Set<String> listeners,
            Set<String> withoutPid,
            Map<String, String> notProving,
            Map<Capability, String> lacking) {
        public Surroundings {
            listeners = Set.copyOf(listeners);
            withoutPid = Set.copyOf(withoutPid);
            notProving = Map.copyOf(notProving);
            lacking = Map.copyOf(lacking);
        }
    }

    /**
     * All problems of the rules, in their order; none if the list may be put in force.
     *
     * @param shown for each rule its name, quoted, as it may stand in a message
     */
    public static List<RuleProblem> check(List<Rule> rules, List<String> shown, Surroundings surroundings) {
        PolicyCheck check = new PolicyCheck(rules, shown, surroundings);
        check.names();
        for (int index = 0; index < rules.size(); index++) {
            check.match(index);
            check.pids(index);
            check.arguments(index);
            check.proof(index);
            check.needs(index);
        }
        check.problems.sort(
                (a, b) -> a.rule() != b.rule() ? a.rule() - b.rule() : a.part().compareTo(b.part()));
        return List.copyOf(check.problems);
    }

    private void names() {
        Map<String, Integer> taken = new HashMap<>();
        for (int index = 0; index < rules.size(); index++) {
            String name = rules.get(index).name();
            Integer earlier = taken.putIfAbsent(name, index);
            if (earlier != null) {
                add(
                        index,
                        Part.NAME,
                        "the name " + shown(rules.get(index)) + " is taken by workload " + (earlier + 1),
                        "decisions and audit records show the name, so each workload needs its own");
            }
        }
    }

    private void match(int index) {
        Rule rule = rules.get(index);
        if (rule.match().isEmpty()) {
            add(
                    index,
                    Part.MATCH,
                    "workload " + shown(rule) + " has an empty match, which would match every caller",
                    "name at least one selector besides pin: listener, uid, gid, groups, unit, …");
            return;
        }
        hidingRule(rule.match())
                .ifPresent(hiding -> add(
                        index,
                        Part.MATCH,
                        "workload " + shown(rule) + " is never reached: " + shown(hiding)
                                + " before it matches every caller it matches",
                        "put the narrower match first"));
        earlier.add(rule);
    }

    /** An earlier rule that leaves nothing to this one; an empty match is a problem of its own and hides nothing. */
    private Optional<Rule> hidingRule(Match match) {
        return earlier.candidates(match)
                .filter(rule -> hides(rule.match(), match))
                .findFirst();
    }

    /** A match that names no listener leaves the callers without a pid to one that does. */
    private boolean hides(Match wider, Match later) {
        boolean leavesSome = wider.listener().isEmpty()
                && later.needingPid().isEmpty()
                && later.listener()
                        .filter(listener -> listener.names().stream().anyMatch(surroundings.withoutPid()::contains))
                        .isPresent();
        return !leavesSome && wider.covers(later);
    }

    /** A selector that needs a pid fits nobody who comes without one, so that a rule with one names no socket where they come. */
    private void pids(int index) {
        Match match = rules.get(index).match();
        Set<String> sockets =
                match.listener().map(CallerSelector.Listener::names).orElse(surroundings.listeners());
        boolean named = match.listener().isPresent();
        boolean wrong = named
                ? sockets.stream().anyMatch(surroundings.withoutPid()::contains)
                : !sockets.isEmpty() && surroundings.withoutPid().containsAll(sockets);
        if (wrong && !match.needingPid().isEmpty()) {
            add(
                    index,
                    Part.MATCH,
                    "workload " + shown(rules.get(index)) + " asks for "
                            + String.join(", ", match.needingPid())
                            + " on a socket with 'pid: any', where a caller may have no pid to learn it by",
                    "name a listener with 'pid: required', or match by listener, uid, gid, groups and token-file");
        }
    }

    /** SECURITY: an interpreter whose arguments are anybody's is every program. */
    private void arguments(int index) {
        Match match = rules.get(index).match();
        boolean pinned = match.has(CommandSelector.Arguments.KEY);
        boolean command = match.has(CommandSelector.Found.KEY) || match.has(CommandSelector.Content.KEY);
        if (command && !pinned) {
            add(
                    index,
                    Part.MATCH,
                    "workload " + shown(rules.get(index)) + " names a command without its args",
                    "write args: [ARG, …] with all of them, or args: any if they make no difference");
        }
        if (pinned && !command) {
            add(
                    index,
                    Part.MATCH,
                    "workload " + shown(rules.get(index)) + " has args without a command",
                    "name the command whose arguments they are: command, command-sha256 or both");
        }
    }

    /** A rule that names its sockets names only such as can prove; one that names none finds at least one. */
    private void proof(int index) {
        Match match = rules.get(index).match();
        List<String> keys = match.selectors().stream()
                .filter(selector -> selector.needs().contains(Capability.LAUNCHER_PROOF))
                .map(Selector::key)
                .toList();
        Set<String> sockets =
                match.listener().map(CallerSelector.Listener::names).orElse(surroundings.listeners());
        List<String> reasons = sockets.stream()
                .flatMap(name -> Optional.ofNullable(surroundings.notProving().get(name)).stream())
                .sorted()
                .toList();
        boolean wrong = match.listener().isPresent() ? !reasons.isEmpty() : reasons.size() == sockets.size();
        if (wrong && !keys.isEmpty()) {
            add(
                    index,
                    Part.MATCH,
                    "workload " + shown(rules.get(index)) + " asks for " + String.join(", ", keys)
                            + " on a socket where no launcher can prove to be one: "
                            // SECURITY: without its name, which may have become one by a reference.
                            + reasons.stream().distinct().collect(Collectors.joining("; ")),
                    "'agent install-launcher' makes such a launcher and says which socket it needs");
        }
    }

    /** SECURITY: what cannot be checked is refused here, never left out of the match. */
    private void needs(int index) {
        Rule rule = rules.get(index);
        for (Selector selector : rule.match().selectors()) {
            selector.needs().stream()
                    .sorted()
                    .filter(surroundings.lacking()::containsKey)
                    .forEach(need -> add(
                            index,
                            Part.MATCH,
                            "workload " + shown(rule) + " asks for " + selector.key() + ", which needs "
                                    + need.words() + ": "
                                    + surroundings.lacking().get(need),
                            "remove the selector, or give the agent what it needs; 'agent status' shows what it has"));
        }
    }

    private String shown(Rule rule) {
        return Objects.requireNonNull(shown.get(rule), "every rule has a name to show");
    }

    private void add(int rule, Part part, String message, String hint) {
        problems.add(new RuleProblem(rule, part, message, Optional.of(hint)));
    }
}
