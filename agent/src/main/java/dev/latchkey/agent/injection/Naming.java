package dev.latchkey.agent.injection;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.policy.Decision;
import dev.latchkey.agent.policy.Selection;
import dev.latchkey.agent.secret.Namespace;
import java.util.List;
import java.util.Optional;

/**
 * What the names of a request mean under a configuration. It depends on nothing else: not on the caller, not on what exists.
 *
 * @param bindings empty if there is a fault
 * @param fault what is wrong with the request as a whole
 */
record Naming(List<Named> bindings, Optional<Failure> fault) {
    static Naming of(LaunchRequest request, Settings settings) {
        Namespace namespace;
        try {
            namespace = settings.namespace(request.project(), request.environment());
        } catch (AgentException badName) {
            return new Naming(List.of(), Optional.of(badName.failure()));
        }
        Targets targets = new Targets();
        List<Named> bindings = request.bindings().stream()
                .map(binding -> Named.of(binding, targets.next(binding), namespace, settings.providers()))
                .toList();
        return new Naming(bindings, Optional.empty());
    }

    /** Whether a look-up of all that is allowed would find small values that can be opened at once. Never blocks. */
    boolean isAtHand(Selection selection) {
        for (Named binding : bindings) {
            if (!isAtHand(binding, selection)) {
                return false;
            }
        }
        return fault.isEmpty();
    }

    /** What is denied is never looked up, so it takes no time. */
    private static boolean isAtHand(Named binding, Selection selection) {
        return binding instanceof Named.Meant meant
                && (selection.decide(meant.location()) instanceof Decision.Deny
                        || meant.provider()
                                .isAtHand(meant.location(), meant.reference().version()));
    }
}
