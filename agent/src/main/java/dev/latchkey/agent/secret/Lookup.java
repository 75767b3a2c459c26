package dev.latchkey.agent.secret;

import dev.latchkey.agent.failure.Failure;
import java.util.Set;

/** The answer of a provider that could answer. */
public sealed interface Lookup {
    /** The version is there; close it when done. */
    record Found(FoundSecret secret) implements Lookup {}

    /**
     * There is nothing to serve: not found, disabled, expired, an unknown project or environment.
     *
     * @param scopes of the secret, if it is there and has some: who has none of them must not learn about its versions
     */
    record Absent(Failure failure, Set<Scope> scopes) implements Lookup {
        public Absent {
            scopes = Set.copyOf(scopes);
        }

        /** Of a secret that is not there, or has no scopes. */
        public Absent(Failure failure) {
            this(failure, Set.of());
        }
    }
}
