package dev.latchkey.agent.secret;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/** Another secret, of which only something is said besides. */
public interface SameSecret extends FoundSecret {
    FoundSecret secret();

    @Override
    default String version() {
        return secret().version();
    }

    @Override
    default Optional<Instant> created() {
        return secret().created();
    }

    @Override
    default Optional<Integer> size() {
        return secret().size();
    }

    @Override
    default Set<Scope> scopes() {
        return secret().scopes();
    }

    @Override
    default Optional<String> connectionType() {
        return secret().connectionType();
    }

    @Override
    default Optional<Lease> lease() {
        return secret().lease();
    }

    @Override
    default Optional<Duration> stale() {
        return secret().stale();
    }

    @Override
    default SecretValue open() {
        return secret().open();
    }

    @Override
    default SecretValue openObject() {
        return secret().openObject();
    }

    @Override
    default void openInto(ByteBuffer to) {
        secret().openInto(to);
    }

    @Override
    default void close() {
        secret().close();
    }
}
