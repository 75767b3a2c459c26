package dev.latchkey.protocol;

/** A frame that deviates from SPEC.md. Its message says where, and holds nothing that the peer sent but numbers. */
public final class MalformedException extends Exception {
    private final FailureClass failureClass;

    public MalformedException(FailureClass failureClass, String message) {
        // A hostile peer can cause any number of these: no stack trace, so that each costs little.
        super(message, null, false, false);
        this.failureClass = failureClass;
    }

    public FailureClass failureClass() {
        return failureClass;
    }
}
