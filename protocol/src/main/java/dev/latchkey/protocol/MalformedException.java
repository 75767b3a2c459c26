package dev.latchkey.protocol;

/** A frame that deviates from SPEC.md. Its message says where, and holds nothing that the peer sent but numbers. */
public final class MalformedException extends Exception {
    private final FailureClass failureClass;
    private final String detail;

    public MalformedException(FailureClass failureClass, String detail) {
        // A hostile peer can cause any number of these: no stack trace, so that each costs little.
        super(detail, null, false, false);
        this.failureClass = failureClass;
        this.detail = detail;
    }

    public FailureClass failureClass() {
        return failureClass;
    }

    /** Where it deviates: the message, never null. */
    public String detail() {
        return detail;
    }
}
