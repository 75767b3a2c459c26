package dev.latchkey.agent.injection;

import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.injection.InjectionResult.BindingFailure;
import dev.latchkey.agent.injection.InjectionResult.Refused;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Refusals with all their reasons, and what to do about them. */
final class Refusals {
    private static final int MOST_HINTS = 8;

    private Refusals() {}

    static boolean anyOf(List<Resolved> bindings) {
        return bindings.stream().anyMatch(b -> b instanceof Resolved.Failed);
    }

    /** Whether the policy, or the scopes of a secret, say no to any of them. */
    static boolean anyDenied(List<Resolved> bindings) {
        return bindings.stream()
                .anyMatch(b -> b instanceof Resolved.Failed(Judged _, Failure failure) && isDenial(failure.kind()));
    }

    private static boolean isDenial(FailureKind kind) {
        return kind == FailureKind.DENIED || kind == FailureKind.SCOPE_DENIED;
    }

    static Refused of(List<Resolved> bindings) {
        List<BindingFailure> failures = new ArrayList<>();
        for (int index = 0; index < bindings.size(); index++) {
            if (bindings.get(index) instanceof Resolved.Failed failed) {
                failures.add(new BindingFailure(Optional.of(index), failed.failure()));
            }
        }
        return refused(failures);
    }

    static Refused ofRequest(Failure failure) {
        return refused(List.of(new BindingFailure(Optional.empty(), failure)));
    }

    /** Each hint once, in the order of the failures. */
    static List<String> hints(List<Failure> failures) {
        return failures.stream()
                .map(Failure::hint)
                .flatMap(Optional::stream)
                .distinct()
                .limit(MOST_HINTS)
                .toList();
    }

    private static Refused refused(List<BindingFailure> failures) {
        return new Refused(
                failures, hints(failures.stream().map(BindingFailure::failure).toList()));
    }
}
