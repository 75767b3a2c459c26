package dev.latchkey.agent.cache;

import dev.latchkey.agent.secret.FoundSecret;
import dev.latchkey.agent.secret.Lease;
import dev.latchkey.agent.secret.Scope;
import dev.latchkey.agent.secret.SecretValue;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * A kept value as it is served.
 *
 * @param hold on its lease, until it is closed
 * @param stale how old it is, where its backend could not be asked
 */
record KeptSecret(Kept.Value kept, Optional<Lease.Hold> hold, Optional<Duration> stale) implements FoundSecret {
    @Override
    public String version() {
        return kept.version();
    }

    @Override
    public Optional<Instant> created() {
        return kept.created();
    }

    @Override
    public Optional<Integer> size() {
        return Optional.of(kept.whole().size());
    }

    @Override
    public Set<Scope> scopes() {
        return kept.scopes();
    }

    @Override
    public Optional<String> connectionType() {
        return kept.connectionType();
    }

    @Override
    public Optional<Lease> lease() {
        return kept.lease().map(Function.identity());
    }

    @Override
    public SecretValue open() {
        return kept.whole().open();
    }

    @Override
    public SecretValue openObject() {
        return kept.object().orElse(kept.whole()).open();
    }

    @Override
    public void openInto(ByteBuffer to) {
        kept.whole().openInto(to);
    }

    @Override
    public void close() {
        hold.ifPresent(Lease.Hold::close);
    }
}
