package dev.latchkey.agent.backend.azure;

import dev.latchkey.agent.failure.AgentException;

/** Proves to the authority who the agent is. */
sealed interface Assertion permits Assertion.Secret, Assertion.Federated, CertificateAssertion {
    /**
     * Adds it to a request for a token.
     *
     * @param audience the address that the request goes to
     * @throws AgentException {@code PROVIDER_DENIED} if what it is made of cannot be used
     */
    void addTo(Form form, String audience);

    /** By a secret of the application. */
    record Secret(String secret) implements Assertion {
        @Override
        public void addTo(Form form, String audience) {
            form.with("client_secret", secret);
        }

        @Override
        public String toString() {
            return "[redacted]";
        }
    }

    /** By a token of another issuer, which is read each time because that issuer renews it. */
    record Federated(TokenFile file) implements Assertion {
        @Override
        public void addTo(Form form, String audience) {
            addToken(form, file.read());
        }
    }

    static void addToken(Form form, String token) {
        form.with("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
                .with("client_assertion", token);
    }
}
