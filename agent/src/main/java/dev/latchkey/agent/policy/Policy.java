package dev.latchkey.agent.policy;

import dev.latchkey.agent.secret.SecretLocation;
import dev.latchkey.agent.workload.BearerToken;
import dev.latchkey.agent.workload.Workload;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** The rules in force, in their order: an immutable snapshot. */
public final class Policy {
    private final List<Rule> rules;
    private final String version;
    private final boolean asksOfProcesses;

    private Policy(List<Rule> rules) {
        this.rules = List.copyOf(rules);
        this.version = PolicyVersion.of(this.rules);
        this.asksOfProcesses =
                this.rules.stream().anyMatch(rule -> !rule.match().needingPid().isEmpty());
    }

    /** Rules that {@link PolicyCheck} found nothing wrong with. */
    public static Policy of(List<Rule> rules) {
        return new Policy(rules);
    }

    /** Twelve hexadecimal digits that are the same for equal rules in the same order. */
    public String version() {
        return version;
    }

    /** Whether some rule asks for what {@link #select} has to read of a process, which may block. */
    public boolean asksOfProcesses() {
        return asksOfProcesses;
    }

    /** The first rule that fits the workload, which is asked only for what rules before it and it itself ask for. */
    public Selection select(Workload workload) {
        for (Rule rule : rules) {
            Verdict verdict = rule.match().test(workload);
            if (verdict == Verdict.FITS) {
                return new Selection.Selected(rule);
            }
            if (verdict == Verdict.UNKNOWN) {
                return unattested(rule, workload);
            }
        }
        return new Selection.Unselected();
    }

    private static Selection unattested(Rule rule, Workload workload) {
        return new Selection.Unattested(
                rule.name(), String.join(", ", rule.match().mismatches(workload)));
    }

    /** The token of a rule by the file it was read from, for supposing a caller that has it. */
    public Optional<BearerToken> tokenOf(Path file) {
        return rules.stream()
                .flatMap(rule -> rule.match().selectors().stream())
                .flatMap(selector -> selector instanceof TokenSelector(Map<Path, BearerToken> tokens)
                        ? Optional.ofNullable(tokens.get(file)).stream()
                        : Stream.empty())
                .findFirst();
    }

    /** What {@link #select} decides of the location, with all that led to it. */
    public Explanation explain(Workload workload, SecretLocation location) {
        Selection selection = select(workload);
        List<Explanation.PassedOver> passed = new ArrayList<>();
        for (Rule rule : rules) {
            if (stopsAt(selection, rule)) {
                break;
            }
            passed.add(Explanation.PassedOver.of(rule.match(), rule.name(), workload));
        }
        return new Explanation(selection.decide(location), settledBy(selection, location), passed);
    }

    private static boolean stopsAt(Selection selection, Rule rule) {
        return switch (selection) {
            case Selection.Selected(Rule selected) -> selected.name().equals(rule.name());
            case Selection.Unattested(String name, String _) -> name.equals(rule.name());
            case Selection.Unselected _ -> false;
        };
    }

    private static String settledBy(Selection selection, SecretLocation location) {
        return switch (selection.decide(location)) {
            case Decision.Deny(SecretLocation _, var _, String reason) -> reason;
            case Decision.Allow allow -> allowedBy(selection, allow.location());
        };
    }

    private static String allowedBy(Selection selection, SecretLocation location) {
        return selection instanceof Selection.Selected(Rule rule)
                ? rule.reason(location) + (rule.injects(location) ? ", inject-all takes it too" : "")
                : Selection.Unselected.REASON;
    }
}
