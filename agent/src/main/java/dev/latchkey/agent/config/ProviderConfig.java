package dev.latchkey.agent.config;

import dev.latchkey.agent.secret.NamingRule;
import java.nio.file.Path;
import java.util.List;

/** One place that has secrets. */
public sealed interface ProviderConfig {
    /** {@code [a-z][a-z0-9-]*}; what references and patterns write before the colon. */
    String name();

    /**
     * The embedded store.
     *
     * @param naming what the names of secrets are narrowed to in the default project
     * @param keys every data key is wrapped under all of them; at least one
     */
    record Store(String name, NamingRule naming, List<StoreKey> keys) implements ProviderConfig {
        public Store {
            keys = List.copyOf(keys);
            if (keys.isEmpty()) {
                throw new IllegalStateException("a store without a key");
            }
        }
    }

    /** A key-encryption key of the store. */
    sealed interface StoreKey {
        /**
         * A 0600 file, made on first start.
         *
         * @param path absolute, or relative to the state folder
         */
        record KeyFile(Path path) implements StoreKey {}
    }
}
