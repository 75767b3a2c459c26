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
        for (Resolved binding : bindings) {
            if (binding instanceof Resolved.Failed) {
                return true;
            }
        }
        return false;
    }

    /** Whether the policy, or the scopes of a secret, say no to any of them. */
    static boolean anyDenied(List<Resolved> bindings) {
        for (Resolved binding : bindings) {
            if (binding instanceof Resolved.Failed(Judged _, Failure failure) && isDenial(failure.kind())) {
                return true;
            }
        }
        return false;
    }

    static boolean isDenial(FailureKind kind) {
        return kind == FailureKind.DENIED || kind == FailureKind.SCOPE_DENIED;
    }

    static Refused of(List<Resolved> bindings) {
        List<BindingFailure> failures = new ArrayList<>();
        for (int index = 0; index < bindings.size(); index++) {
            if (bindings.get(index) instanceof Resolved.Failed failed) {
                failures.add(new BindingFailure(Optional.of(index), failed.failure()));
            }
        }
        return new Refused(failures, hints(bindings));
    }

    /** What is wrong before anything was decided. */
    static Refused ofRequest(List<Failure> failures) {
        return new Refused(
                failures.stream()
                        .map(failure -> new BindingFailure(Optional.empty(), failure))
                        .toList(),
                failures.stream()
                        .flatMap(failure -> failure.hint().stream())
                        .distinct()
                        .limit(MOST_HINTS)
                        .toList());
    }

    static Refused ofRequest(Failure failure) {
        return new Refused(
                List.of(new BindingFailure(Optional.empty(), failure)),
                failure.hint().stream().toList());
    }

    /** What to do about every binding that failed. */
    static List<String> hints(List<Resolved> bindings) {
        Hints hints = new Hints();
        for (Resolved binding : bindings) {
            if (binding instanceof Resolved.Failed(Judged judged, Failure failure)) {
                hints.add(judged.binding().target(), failure);
            }
        }
        return hints.list();
    }
}
