package dev.latchkey.agent.secret;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/** A value that its backend ends by itself. */
public record LentSecret(HeldSecret secret, Duration leased) implements FoundSecret {
    @Override
    public Optional<Duration> lease() {
        return Optional.of(leased);
    }

    @Override
    public String version() {
        return secret.version();
    }

    @Override
    public Optional<Instant> created() {
        return secret.created();
    }

    @Override
    public Optional<Integer> size() {
        return secret.size();
    }

    @Override
    public Set<Scope> scopes() {
        return secret.scopes();
    }

    @Override
    public Optional<String> connectionType() {
        return secret.connectionType();
    }

    @Override
    public SecretValue open() {
        return secret.open();
    }

    @Override
    public SecretValue openObject() {
        return secret.openObject();
    }

    @Override
    public void close() {
        secret.close();
    }
}
