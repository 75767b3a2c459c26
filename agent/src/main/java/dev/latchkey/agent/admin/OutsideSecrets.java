package dev.latchkey.agent.admin;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.secret.Lookup;
import dev.latchkey.agent.secret.SecretListing.Listed;
import java.util.List;
import java.util.Optional;

/** Port: what the configured providers have. */
public interface OutsideSecrets {
    /**
     * Everything below a prefix, however deep; at most 10,000 paths.
     *
     * @param prefix empty, or ending with {@code /}
     * @throws AgentException {@code UNKNOWN_PROVIDER}, {@code BAD_ARGUMENT} if the provider cannot list, {@code TIMED_OUT} if it comes to no end, or what
     *     it says
     */
    List<Listed> list(String provider, String prefix);

    /**
     * One secret, no older than a minute.
     *
     * @throws AgentException {@code UNKNOWN_PROVIDER}, or what the provider says
     */
    Lookup find(Source source);

    /**
     * Where a secret comes from.
     *
     * @param path as a reference has it once it is decoded
     * @param field one of its fields; absent: all of it
     */
    record Source(String provider, String path, Optional<String> field) {
        @Override
        public String toString() {
            return provider + ":" + path;
        }
    }
}
