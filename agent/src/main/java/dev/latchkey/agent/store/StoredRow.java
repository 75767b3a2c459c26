package dev.latchkey.agent.store;

import dev.latchkey.agent.secret.Scope;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/** A version as it lies in the store, with what its secret adds. */
record StoredRow(
        long number,
        Instant created,
        Optional<Instant> expires,
        boolean disabled,
        RowCipher.Sealed sealed,
        Set<Scope> scopes) {
    StoredRow {
        scopes = Set.copyOf(scopes);
    }
}
