package dev.latchkey.agent.cache;

import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.secret.Scope;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/** An answer of a backend as it is kept. */
sealed interface Kept {
    /** When it came, by the monotonic clock. */
    long since();

    /** The bytes it takes. */
    int bytes();

    /**
     * A value.
     *
     * @param lease what it came under, where its backend ends it by itself
     */
    record Value(
            long since,
            Sealed whole,
            Optional<Sealed> object,
            String version,
            Optional<Instant> created,
            Set<Scope> scopes,
            Optional<String> connectionType,
            Optional<KeptLease> lease)
            implements Kept {
        /** The same, as its backend has just confirmed it. */
        Value confirmed(long now) {
            return new Value(now, whole, object, version, created, scopes, connectionType, lease);
        }

        @Override
        public int bytes() {
            return whole.bytes() + object.map(Sealed::bytes).orElse(0);
        }
    }

    /** There is nothing, or nothing for us. */
    record Nothing(long since, Failure failure, Set<Scope> scopes) implements Kept {
        @Override
        public int bytes() {
            return failure.message().length();
        }
    }
}
