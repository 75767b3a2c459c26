package dev.latchkey.agent.failure;

import java.util.Objects;
import java.util.Optional;

/** One thing that failed: its kind, a sentence that names it, and what to do about it. */
public record Failure(FailureKind kind, String message, Optional<String> hint) {
    public Failure {
        Objects.requireNonNull(kind);
        Objects.requireNonNull(hint);
        if (message.isBlank()) {
            throw new IllegalStateException("a failure without a message: " + kind);
        }
    }

    public static Failure of(FailureKind kind, String message) {
        return new Failure(kind, message, Optional.empty());
    }

    public static Failure of(FailureKind kind, String message, String hint) {
        return new Failure(kind, message, Optional.of(hint));
    }
}
