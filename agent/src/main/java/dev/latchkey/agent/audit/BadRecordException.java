package dev.latchkey.agent.audit;

/** A line that is not a good record, or not the one that should stand there. The message says what is wrong with it, not where it is. */
final class BadRecordException extends Exception {
    private final Damage damage;

    BadRecordException(String message) {
        this(Damage.CHANGED, message);
    }

    BadRecordException(Damage damage, String message) {
        super(message);
        this.damage = damage;
    }

    Damage damage() {
        return damage;
    }
}
