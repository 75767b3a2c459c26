package dev.latchkey.agent.injection;

import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.injection.LaunchRequest.RequestedBinding;
import dev.latchkey.agent.injection.Output.Layer;
import dev.latchkey.agent.injection.Output.Part;
import dev.latchkey.agent.injection.Output.Shape;
import dev.latchkey.agent.manifest.Check;
import dev.latchkey.agent.manifest.OwnName;
import dev.latchkey.agent.policy.Decision;
import dev.latchkey.agent.policy.LocationPattern;
import dev.latchkey.agent.policy.Rule;
import dev.latchkey.agent.policy.Selection;
import dev.latchkey.agent.secret.NameSource;
import dev.latchkey.agent.secret.NameSource.Sibling;
import dev.latchkey.agent.secret.Namespace;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** {@code --all}: what a rule's {@code inject-all} selects. SECURITY: of that only what the rule may have; the rest is as if it were not there. */
final class Everything {
    private static final String ORIGIN = "--all";

    private Everything() {}

    /**
     * @param most outputs that are of use; what is more is left out
     */
    static List<Output> of(
            Providers providers, Selection selection, boolean rawNames, int most, Consumer<Failure> failures) {
        if (!(selection instanceof Selection.Selected(Rule rule))
                || rule.grants().injectAll().list().isEmpty()) {
            failures.accept(Failure.of(
                    FailureKind.DENIED,
                    "--all: denied by policy",
                    "the agent's operator decides this, by inject-all of the rule"));
            return List.of();
        }
        return rule.grants().injectAll().list().stream()
                .map(LocationPattern::path)
                .distinct()
                .flatMap(pattern -> providers.sources().stream().flatMap(source -> candidates(source, pattern)))
                .filter(secret -> rule.injects(secret.location()))
                .filter(secret -> mayHave(selection, secret))
                .distinct()
                .flatMap(secret -> output(secret, rawNames, failures).stream())
                .limit(most)
                .toList();
    }

    private static Stream<Sibling> candidates(NameSource source, String pattern) {
        return source.candidates(pattern).stream();
    }

    private static boolean mayHave(Selection selection, Sibling secret) {
        return selection.decide(secret.location()) instanceof Decision.Allow allow && allow.permits(secret.scopes());
    }

    private static Optional<Output> output(Sibling secret, boolean rawNames, Consumer<Failure> failures) {
        Optional<String> target = OwnName.of(secret.name(), rawNames);
        if (target.isEmpty()) {
            failures.accept(Failure.of(FailureKind.BAD_TARGET, "--all: no variable can be called " + secret.name()));
        }
        return target.map(name -> new Output(
                name,
                Shape.VARIABLE,
                Layer.EVERYTHING,
                List.of(new Part.Secret(
                        new RequestedBinding(name, secret.location().toString(), false),
                        Namespace.DEFAULT,
                        Optional.empty())),
                Check.NONE,
                ORIGIN + " (" + secret.location().path() + ")",
                Optional.empty(),
                false));
    }
}
