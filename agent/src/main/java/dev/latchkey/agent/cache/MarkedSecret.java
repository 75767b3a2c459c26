package dev.latchkey.agent.cache;

import dev.latchkey.agent.secret.FoundSecret;
import dev.latchkey.agent.secret.Scope;
import dev.latchkey.agent.secret.SecretValue;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/**
 * A secret that was taken out of a kept document.
 *
 * @param stale how old the document is, where its backend could not be asked
 */
record MarkedSecret(FoundSecret secret, Optional<Duration> stale) implements FoundSecret {
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
    public void openInto(ByteBuffer to) {
        secret.openInto(to);
    }

    @Override
    public void close() {
        secret.close();
    }
}
