package dev.latchkey.agent.injection;

import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.injection.Output.Layer;
import dev.latchkey.agent.injection.Output.Shape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/** Which of several outputs of one target counts, and which targets no document may have. */
final class Layers {
    /** What the launcher itself leaves for the command. */
    private static final Set<String> OWN = Set.of("LATCHKEY_BOUND");

    private final ComposedRequest request;
    private final Consumer<Failure> failures;

    Layers(ComposedRequest request, Consumer<Failure> failures) {
        this.request = request;
        this.failures = failures;
    }

    /** The strongest of each target, in their order, and every spread. */
    List<Output> strongest(List<Output> outputs) {
        Map<String, Output> winners = new LinkedHashMap<>();
        List<Output> spreads = new ArrayList<>();
        for (Output output : outputs) {
            if (output.shape() == Shape.SPREAD) {
                spreads.add(output);
            } else if (counts(output)) {
                winners.merge(output.target(), output, this::stronger);
            }
        }
        winners.values().forEach(this::checkTarget);
        List<Output> all = new ArrayList<>(winners.values());
        all.addAll(spreads);
        return all;
    }

    private Output stronger(Output one, Output other) {
        if (one.layer() == other.layer()) {
            failures.accept(twice(one, other));
            return one;
        }
        return one.layer().compareTo(other.layer()) > 0 ? one.replacing() : other.replacing();
    }

    static Failure twice(Output one, Output other) {
        return Failure.of(
                FailureKind.DUPLICATE_TARGET,
                one.target() + ": " + one.origin() + " and " + other.origin() + " both bind it",
                one.layer() == Output.Layer.EVERYTHING
                        ? "keep their names apart with --name-transform raw, or bind the ones you want with --secret"
                                + " instead of all"
                        : "rename one of them with inject_as");
    }

    /** Whether nothing that the client has keeps it from being requested. */
    boolean counts(Output output) {
        if (output.layer() == Layer.COMMAND_LINE) {
            return true;
        }
        String target = output.target();
        if (request.surroundings().taken().contains(target)) {
            return false;
        }
        boolean meets = request.surroundings().inherited().contains(target);
        if (meets && !request.surroundings().keep()) {
            failures.accept(Failure.of(
                    FailureKind.TARGET_IN_USE,
                    target + ": it is in the environment already (" + output.origin() + ")"));
        }
        return !meets;
    }

    private void checkTarget(Output output) {
        Optional<Failure> failure = output.binding().isEmpty() ? wrong(output) : wrongBinding(output);
        failure.ifPresent(failures);
    }

    private Optional<Failure> wrongBinding(Output output) {
        return new Targets()
                .next(request.bindings().get(output.binding().orElseThrow()))
                .map(bad -> new Failure(bad.kind(), output.target() + ": " + bad.message(), bad.hint()));
    }

    Optional<Failure> wrong(Output output) {
        if (output.target().length() > Targets.LONGEST) {
            return Optional.of(Failure.of(
                    FailureKind.BAD_TARGET,
                    "the name of a variable is over " + Targets.LONGEST + " bytes (" + output.origin() + ")"));
        }
        if (OWN.contains(output.target())) {
            return Optional.of(Failure.of(
                    FailureKind.BAD_TARGET, output.target() + ": it is set by the launcher (" + output.origin() + ")"));
        }
        boolean dangerous =
                DangerousNames.contains(output.target()) && !request.switches().dangerousNamesAllowed();
        return dangerous
                ? Optional.of(Failure.of(
                        FailureKind.DANGEROUS_TARGET,
                        output.target() + ": a variable of this name changes which code programs run ("
                                + output.origin() + ")",
                        "--allow-dangerous-name binds it nevertheless, and the audit log says so"))
                : Optional.empty();
    }
}
