package dev.latchkey.agent.cache;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.failure.UnavailableException;
import dev.latchkey.agent.secret.HeldSecret;
import dev.latchkey.agent.secret.Lookup;
import dev.latchkey.agent.secret.Namespace;
import dev.latchkey.agent.secret.RemoteProvider;
import dev.latchkey.agent.secret.SecretListing;
import dev.latchkey.agent.secret.SecretLocation;
import dev.latchkey.agent.secret.SecretReference;
import dev.latchkey.agent.secret.SecretValue;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A backend that answers as told, and counts. */
final class FakeBackend implements RemoteProvider, SecretListing {
    final AtomicInteger asked = new AtomicInteger();
    final AtomicInteger listed = new AtomicInteger();
    final AtomicInteger retired = new AtomicInteger();
    volatile Supplier<Lookup> answer = () -> value("1", "first");
    volatile @Nullable CountDownLatch gate;
    volatile Duration within = Duration.ZERO;

    static Lookup value(String version, String text) {
        return new Lookup.Found(
                HeldSecret.of(HeldSecret.Facts.of(version), SecretValue.owning(text.getBytes(StandardCharsets.UTF_8))));
    }

    static Supplier<Lookup> missing() {
        return () -> new Lookup.Absent(Failure.of(FailureKind.SECRET_NOT_FOUND, "not found in fake"));
    }

    static Supplier<Lookup> down() {
        return down(Optional.empty());
    }

    static Supplier<Lookup> down(Optional<Duration> retryAfter) {
        return () -> {
            throw new UnavailableException(
                    Failure.of(FailureKind.PROVIDER_UNAVAILABLE, "fake is down"), retryAfter, null);
        };
    }

    static Supplier<Lookup> failing(FailureKind kind) {
        return () -> {
            throw new AgentException(kind, "fake says " + kind.text());
        };
    }

    @Override
    public Page list(String prefix, Optional<String> from, Duration within) {
        listed.incrementAndGet();
        return Page.whole(List.of(prefix + "x"));
    }

    @Override
    public void retire() {
        retired.incrementAndGet();
    }

    @Override
    public String name() {
        return "fake";
    }

    @Override
    public SecretLocation locate(SecretReference reference, Namespace defaults) {
        return new SecretLocation("fake", reference.path());
    }

    @Override
    public Lookup fetch(SecretLocation location, Optional<String> version, Duration within) {
        this.within = within;
        asked.incrementAndGet();
        CountDownLatch closed = gate;
        if (closed != null) {
            try {
                closed.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
        return answer.get();
    }
}
