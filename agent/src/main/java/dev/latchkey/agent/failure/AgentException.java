package dev.latchkey.agent.failure;

import org.jspecify.annotations.Nullable;

/** Carries a {@link Failure} out of code that cannot go on. Its message is the failure's. Extended only by {@link UnavailableException}. */
public class AgentException extends RuntimeException {
    private final transient Failure failure;

    public AgentException(Failure failure) {
        this(failure, null);
    }

    /** The cause is for the agent's own log; SECURITY: it must not hold a value or a backend's response body. */
    public AgentException(Failure failure, @Nullable Throwable cause) {
        super(failure.message(), cause);
        this.failure = failure;
    }

    public AgentException(FailureKind kind, String message) {
        this(Failure.of(kind, message));
    }

    public AgentException(FailureKind kind, String message, String hint) {
        this(Failure.of(kind, message, hint));
    }

    public Failure failure() {
        return failure;
    }

    public FailureKind kind() {
        return failure.kind();
    }
}
