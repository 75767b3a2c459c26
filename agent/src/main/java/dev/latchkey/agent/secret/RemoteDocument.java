package dev.latchkey.agent.secret;

import dev.latchkey.agent.failure.AgentException;
import java.time.Duration;
import java.util.Optional;

/**
 * A remote provider whose backend gives all its secrets in one answer. It is that answer which is fetched, kept and counted as fresh, once for all names;
 * what a launch asks for is taken out of it each time.
 */
public interface RemoteDocument extends RemoteProvider {
    /** The whole answer, as if it were a secret: its name is none that {@link #locate} gives. */
    default SecretLocation document() {
        return new SecretLocation(name(), "");
    }

    /**
     * Asks the backend for all of it.
     *
     * @param known the version that the asker still has
     * @return absent if the backend still has the known version; what is found carries its version, empty where the backend tells none
     * @throws AgentException as {@link RemoteProvider#fetch}
     */
    Optional<Lookup> fetchDocument(Optional<String> known, Duration within);

    /** One secret of it; the document stays the caller's. */
    Lookup pick(SecretValue document, SecretLocation location);

    @Override
    default Lookup fetch(SecretLocation location, Optional<String> version, Duration within) {
        return fetchDocument(Optional.empty(), within)
                .orElseThrow(() -> new IllegalStateException("nothing was known, so nothing can be unchanged"));
    }
}
