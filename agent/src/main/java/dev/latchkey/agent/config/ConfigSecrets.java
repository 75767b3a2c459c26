package dev.latchkey.agent.config;

import dev.latchkey.agent.secret.SecretReference;

/** What <code>${secret:NAME}</code> of agent.yaml means: a secret of the embedded store, so that a backend's credential can live in it. */
public interface ConfigSecrets {
    Found find(SecretReference reference);

    /** The answer. */
    sealed interface Found {
        /** SECURITY: never shown. */
        record Value(String text) implements Found {
            @Override
            public String toString() {
                return "[redacted]";
            }
        }

        /**
         * There is none.
         *
         * @param message why, naming the secret
         */
        record Missing(String message) implements Found {}

        /** The store is not open yet, and the file is read again when it is. */
        record Later() implements Found {}
    }

    /** As long as no store is open. */
    final class Unopened implements ConfigSecrets {
        private boolean asked;

        @Override
        public Found find(SecretReference reference) {
            asked = true;
            return new Found.Later();
        }

        /** Whether the file has to be read again. */
        public boolean asked() {
            return asked;
        }
    }
}
