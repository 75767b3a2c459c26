package dev.latchkey.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.latchkey.agent.cache.CachingProvider;
import dev.latchkey.agent.config.CacheConfig;
import dev.latchkey.agent.config.NetworkConfig;
import dev.latchkey.agent.crypto.KeyMemory;
import dev.latchkey.agent.injection.Providers;
import dev.latchkey.agent.memory.LockedMemory;
import dev.latchkey.agent.policy.RuleLimits;
import dev.latchkey.agent.secret.FoundSecret;
import dev.latchkey.agent.secret.HeldSecret;
import dev.latchkey.agent.secret.Lease;
import dev.latchkey.agent.secret.Lender;
import dev.latchkey.agent.secret.LentSecret;
import dev.latchkey.agent.secret.Lookup;
import dev.latchkey.agent.secret.Namespace;
import dev.latchkey.agent.secret.RemoteProvider;
import dev.latchkey.agent.secret.SecretLocation;
import dev.latchkey.agent.secret.SecretReference;
import dev.latchkey.agent.secret.SecretValue;
import dev.latchkey.agent.telemetry.Log;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How leases end with the agent. */
class BackendsTest {
    private static final NetworkConfig NETWORK =
            new NetworkConfig(Optional.empty(), Duration.ofSeconds(20), 0, RuleLimits.NONE);

    private final List<String> returned = new CopyOnWriteArrayList<>();
    private final CountDownLatch silence = new CountDownLatch(1);
    private final ByteArrayOutputStream lines = new ByteArrayOutputStream();
    private final Backends backends = new Backends(
            new CacheConfig(Duration.ofMinutes(5), Duration.ZERO, Duration.ZERO),
            new KeyMemory(new LockedMemory(_ -> {})),
            new SecureRandom(),
            new Log(
                    new PrintStream(lines, true, StandardCharsets.UTF_8),
                    Clock.systemUTC(),
                    Log.Level.DEBUG,
                    Log.Format.LOGFMT));

    @AfterEach
    void letGo() {
        silence.countDown();
    }

    /** Lends what is asked for, and takes nothing back for a name that begins with {@code silent}. */
    private final class Lending implements RemoteProvider {
        @Override
        public String name() {
            return "lending";
        }

        @Override
        public SecretLocation locate(SecretReference reference, Namespace defaults) {
            return new SecretLocation(name(), reference.path());
        }

        @Override
        public Lookup fetch(SecretLocation location, Optional<String> version, Duration within) {
            byte[] text = "value".getBytes(StandardCharsets.UTF_8);
            HeldSecret secret = HeldSecret.of(HeldSecret.Facts.of("1"), SecretValue.owning(text));
            return new Lookup.Found(
                    new LentSecret(secret, Duration.ofHours(1), Optional.of(new Taking(location.path()))));
        }
    }

    private final class Taking implements Lender {
        private final String path;

        Taking(String path) {
            this.path = path;
        }

        @Override
        public boolean renews() {
            return true;
        }

        @Override
        public Optional<Term> renew(Duration wanted, Duration within) {
            throw new AssertionError("an hour has not passed");
        }

        @Override
        public void giveBack(Duration within) {
            if (path.startsWith("silent")) {
                awaitSilence();
            }
            returned.add(path);
        }
    }

    private void awaitSilence() {
        try {
            silence.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private CachingProvider serving() {
        CachingProvider provider = assertInstanceOf(CachingProvider.class, backends.cached(new Lending(), NETWORK));
        backends.serving(new Providers(List.of(provider), "lending"));
        return provider;
    }

    private static Lease.Hold launched(CachingProvider provider, String path) {
        Lookup found = provider.find(new SecretLocation("lending", path), Optional.empty());
        try (FoundSecret secret = assertInstanceOf(Lookup.Found.class, found).secret()) {
            return secret.lease().orElseThrow().hold();
        }
    }

    @Test
    void aStopGivesBackWhatNobodyHoldsAndLeavesTheRest() {
        CachingProvider provider = serving();
        Lease.Hold held = launched(provider, "held");
        launched(provider, "over").close();
        launched(provider, "unseen").leave();

        backends.stop(Duration.ofSeconds(10));
        held.close();

        assertEquals(List.of("over"), returned);
        assertEquals("", lines.toString(StandardCharsets.UTF_8));
    }

    @Test
    void whatIsHeldOfAProviderThatIsGoneIsLeftToo() {
        CachingProvider provider = serving();
        Lease.Hold held = launched(provider, "held");
        serving();

        backends.stop(Duration.ofSeconds(10));
        held.close();

        assertEquals(List.of(), returned);
        assertEquals(0, provider.stop().size());
    }

    @Test
    void aBackendThatIsSilentHoldsUpNoStop() {
        CachingProvider provider = serving();
        launched(provider, "silent").close();
        launched(provider, "over").close();
        long begun = System.nanoTime();

        backends.stop(Duration.ofSeconds(10));

        Duration took = Duration.ofNanos(System.nanoTime() - begun);
        assertTrue(took.compareTo(Duration.ofSeconds(6)) < 0, took::toString);
        assertEquals(List.of("over"), returned);
        assertTrue(
                lines.toString(StandardCharsets.UTF_8).contains("event=leases-not-revoked count=1"), lines::toString);
    }

    @Test
    void aStopThatHasNoTimeLeftWaitsForNothing() {
        CachingProvider provider = serving();
        launched(provider, "silent").close();

        backends.stop(Duration.ZERO);

        assertEquals(List.of(), returned);
    }

    @Test
    void tellsHowManyLeasesThereAre() {
        Lease.Hold held = launched(serving(), "held");

        assertEquals(1, backends.leases("lending").orElseThrow().held());
        assertEquals(Optional.empty(), backends.leases("store"));
        held.close();
        assertEquals(0, backends.leases("lending").orElseThrow().held());
    }
}
