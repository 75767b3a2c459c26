package dev.latchkey.agent.store;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import org.jspecify.annotations.Nullable;

/** Makes the failures of a state that cannot be used as it is. */
final class Unusable {
    private Unusable() {}

    static AgentException state(String message, String hint) {
        return state(message, hint, null);
    }

    static AgentException state(String message, String hint, @Nullable Throwable cause) {
        return new AgentException(Failure.of(FailureKind.STATE_UNUSABLE, message, hint), cause);
    }
}
