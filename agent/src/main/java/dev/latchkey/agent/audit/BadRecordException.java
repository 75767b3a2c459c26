package dev.latchkey.agent.audit;

/** A line that is not a good record. The message says what is wrong with it, not where it is. */
final class BadRecordException extends Exception {
    BadRecordException(String message) {
        super(message);
    }
}
