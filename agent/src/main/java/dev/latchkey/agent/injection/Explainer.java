package dev.latchkey.agent.injection;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.policy.Decision;
import dev.latchkey.agent.policy.Explanation;
import dev.latchkey.agent.reference.ReferenceParser;
import dev.latchkey.agent.secret.Namespace;
import dev.latchkey.agent.secret.Scope;
import dev.latchkey.agent.secret.SecretProvider;
import dev.latchkey.agent.secret.SecretReference;
import dev.latchkey.agent.workload.Workload;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** Tells operators what the policy would say to a caller, real or supposed, and why. Looks nothing up. */
public final class Explainer {
    private final Supplier<Settings> settings;

    public Explainer(Supplier<Settings> settings) {
        this.settings = settings;
    }

    /**
     * One answer for each reference, in order.
     *
     * @throws AgentException of kind {@code BAD_NAME} for the project or the environment
     */
    public List<Explained> explain(
            Workload workload, Optional<String> project, Optional<String> environment, List<String> references) {
        Settings inForce = settings.get();
        Namespace namespace = inForce.namespace(project, environment);
        return references.stream()
                .map(reference -> explain(inForce, workload, namespace, reference))
                .toList();
    }

    private static Explained explain(Settings inForce, Workload workload, Namespace namespace, String text) {
        String shown = ReferenceParser.shown(text);
        try {
            SecretReference reference = ReferenceParser.parse(text);
            SecretProvider provider = inForce.providers().of(reference);
            Explanation explanation = inForce.policy().explain(workload, provider.locate(reference, namespace));
            return explained(shown, explanation, provider.hasScopes());
        } catch (AgentException refused) {
            return new Explained(
                    shown, Verdict.INVALID, Optional.empty(), refused.failure().message());
        }
    }

    private static Explained explained(String shown, Explanation explanation, boolean mayHaveScopes) {
        return switch (explanation.decision()) {
            case Decision.Allow allow ->
                new Explained(
                        shown,
                        Verdict.ALLOW,
                        allow.decidedBy(),
                        explanation.reason() + (mayHaveScopes ? scopes(allow.scopes()) : ""));
            case Decision.Deny deny -> new Explained(shown, Verdict.DENY, deny.decidedBy(), explanation.reason());
        };
    }

    private static String scopes(Set<Scope> scopes) {
        return scopes.isEmpty()
                ? "; the rule names no scopes, so it gives only secrets that have none"
                : "; of secrets with scopes it gives those with "
                        + scopes.stream().sorted().map(Scope::text).collect(Collectors.joining(" or "));
    }

    /** What the policy says, or that the reference means nothing that it could decide on. */
    public enum Verdict {
        ALLOW,
        DENY,
        INVALID;

        public String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * The answer for one reference.
     *
     * @param reference up to its first comma
     * @param rule the name of the deciding rule
     */
    public record Explained(String reference, Verdict decision, Optional<String> rule, String reason) {}
}
