package dev.latchkey.agent.policy;

import dev.latchkey.agent.secret.SecretLocation;
import dev.latchkey.agent.workload.Caller;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The rules in force, in their order: an immutable snapshot. */
public final class Policy {
    private static final String NO_RULE = "no rule matches the caller";

    private final List<Rule> rules;
    private final String version;

    private Policy(List<Rule> rules) {
        this.rules = List.copyOf(rules);
        this.version = PolicyVersion.of(this.rules);
    }

    /** Rules that {@link PolicyCheck} found nothing wrong with. */
    public static Policy of(List<Rule> rules) {
        return new Policy(rules);
    }

    /** Twelve hexadecimal digits that are the same for equal rules in the same order. */
    public String version() {
        return version;
    }

    /** What the first rule that matches the caller says about the location. */
    public Decision decide(Caller caller, SecretLocation location) {
        for (Rule rule : rules) {
            if (rule.match().matches(caller)) {
                return rule.decide(location);
            }
        }
        return new Decision.Deny(location, Optional.empty(), NO_RULE);
    }

    /** The same decision, with all that led to it. */
    public Explanation explain(Caller caller, SecretLocation location) {
        List<Explanation.PassedOver> passed = new ArrayList<>();
        for (Rule rule : rules) {
            if (rule.match().matches(caller)) {
                return new Explanation(rule.decide(location), rule.reason(location), passed);
            }
            passed.add(new Explanation.PassedOver(rule.name(), rule.match().mismatches(caller)));
        }
        return new Explanation(decide(caller, location), NO_RULE, passed);
    }
}
