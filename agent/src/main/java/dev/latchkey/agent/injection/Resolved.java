package dev.latchkey.agent.injection;

import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.injection.Judged.Cleared;
import dev.latchkey.agent.secret.FoundSecret;
import dev.latchkey.agent.secret.SecretReference.Absence;

/** One binding after it was looked up. */
sealed interface Resolved {
    /** Its version is there and may be opened. */
    record Found(Cleared cleared, FoundSecret secret) implements Resolved {}

    /** Nothing is there, and its variable is removed. */
    record Removed(Cleared cleared) implements Resolved {}

    /** Nothing is there, and the reference says what to deliver then. */
    record Defaulted(Cleared cleared, String text) implements Resolved {
        @Override
        public String toString() {
            return "Defaulted[redacted]";
        }
    }

    /** It cannot be delivered. */
    record Failed(Judged judged, Failure failure) implements Resolved {}

    /**
     * What a failure means by the options of the reference. INVARIANT: {@code optional} and {@code default=} cover that the secret, the version or
     * the field is not there, and nothing else: not denied, expired, disabled, unavailable, an unknown project or a null.
     */
    static Resolved absent(Cleared cleared, Failure failure) {
        if (!isNotFound(failure.kind())) {
            return new Failed(cleared, failure);
        }
        return switch (cleared.reference().absence()) {
            case Absence.Fails() -> new Failed(cleared, failure);
            case Absence.Removes() -> new Removed(cleared);
            case Absence.Defaults(String text) -> new Defaulted(cleared, text);
        };
    }

    private static boolean isNotFound(FailureKind kind) {
        return kind == FailureKind.SECRET_NOT_FOUND
                || kind == FailureKind.VERSION_NOT_FOUND
                || kind == FailureKind.FIELD_NOT_FOUND;
    }
}
