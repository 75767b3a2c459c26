package dev.latchkey.agent.cache;

import static dev.latchkey.agent.provider.Looked.absent;
import static dev.latchkey.agent.provider.Looked.found;
import static dev.latchkey.agent.provider.Looked.up;
import static dev.latchkey.agent.provider.Looked.value;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.latchkey.agent.crypto.KeyMemory;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.failure.UnavailableException;
import dev.latchkey.agent.memory.LockedMemory;
import dev.latchkey.agent.secret.FoundSecret;
import dev.latchkey.agent.secret.Freshness;
import dev.latchkey.agent.secret.HeldSecret;
import dev.latchkey.agent.secret.LentSecret;
import dev.latchkey.agent.secret.Lookup;
import dev.latchkey.agent.secret.SecretListing.Page;
import dev.latchkey.agent.secret.SecretLocation;
import dev.latchkey.agent.secret.SecretValue;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CachingProviderTest {
    private static final SecretLocation LOCATION = new SecretLocation("fake", "a");

    private final FakeTime time = new FakeTime();
    private final FakeBackend backend = new FakeBackend();
    private final KeptAnswers answers = new KeptAnswers(new KeyMemory(new LockedMemory(_ -> {})), new SecureRandom());
    private final RecordedNews news = new RecordedNews();

    private CachingProvider provider(Duration ttl, Duration stale, Duration negative) {
        Limits limits = new Limits(Duration.ofSeconds(20), 0, 1_000, Duration.ofSeconds(1), 50);
        Clockwork clockwork = time.clockwork();
        return new CachingProvider(
                backend,
                new Guard("fake", limits, clockwork, news),
                new CachingProvider.Shared(new CacheSettings(ttl, stale, negative), answers, clockwork, news));
    }

    private CachingProvider provider() {
        return provider(Duration.ofMinutes(5), Duration.ofHours(1), Duration.ofSeconds(10));
    }

    @Test
    void asksOnceAndAnswersFromThenOn() {
        CachingProvider provider = provider();

        assertEquals("first", value(provider, "fake:a"));
        backend.answer = () -> FakeBackend.value("2", "second");
        time.pass(Duration.ofMinutes(3));
        assertEquals("first", value(provider, "fake:a"));

        assertEquals(1, backend.asked.get());
        assertEquals(new KeptAnswers.Counts(1, 1, 1, 0), answers.counts());
    }

    @Test
    void asksAgainWhenTheTimeIsOver() {
        CachingProvider provider = provider();
        value(provider, "fake:a");
        backend.answer = () -> FakeBackend.value("2", "second");

        time.pass(Duration.ofMinutes(5));

        assertEquals("second", value(provider, "fake:a"));
    }

    @Test
    void versionsAreKeptApart() {
        CachingProvider provider = provider();
        value(provider, "fake:a");
        backend.answer = () -> FakeBackend.value("7", "pinned");

        assertEquals("pinned", value(provider, "fake:a@7"));
        assertEquals("first", value(provider, "fake:a"));
    }

    @Test
    void opensIntoABufferOfExactlyItsSize() {
        try (FoundSecret secret = found(provider(), "fake:a")) {
            ByteBuffer to = ByteBuffer.allocateDirect(secret.size().orElseThrow());
            secret.openInto(to);
            byte[] bytes = new byte[5];
            to.get(0, bytes);
            assertEquals("first", new String(bytes, StandardCharsets.UTF_8));
        }
    }

    @Test
    void keepsTheObjectBesideItsOnlyValue() {
        backend.answer = () -> new Lookup.Found(HeldSecret.of(
                HeldSecret.Facts.of("1"),
                SecretValue.owning(new byte[] {'v'}),
                SecretValue.owning("{\"value\":\"v\"}".getBytes(StandardCharsets.UTF_8))));
        CachingProvider provider = provider();
        up(provider, "fake:a");

        try (FoundSecret secret = found(provider, "fake:a");
                SecretValue object = secret.openObject()) {
            assertEquals("{\"value\":\"v\"}", object.<String>leak(b -> new String(b, StandardCharsets.UTF_8)));
        }
        assertEquals(1, backend.asked.get());
    }

    @Test
    void aHundredAtOnceAreOneRequest() throws Exception {
        CachingProvider provider = provider();
        CountDownLatch gate = new CountDownLatch(1);
        backend.gate = gate;
        try (ExecutorService launches = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<String>> all = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                all.add(launches.submit((Callable<String>) () -> value(provider, "fake:a")));
            }
            awaitAsked(1);
            gate.countDown();
            for (Future<String> launch : all) {
                assertEquals("first", launch.get());
            }
        }
        assertEquals(1, backend.asked.get());
    }

    @Test
    void aHundredAtOnceShareAFailureToo() throws Exception {
        CachingProvider provider = provider();
        CountDownLatch gate = new CountDownLatch(1);
        backend.gate = gate;
        backend.answer = FakeBackend.failing(FailureKind.PROVIDER_MALFORMED);
        try (ExecutorService launches = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<FailureKind> first = launches.submit(() -> kind(provider));
            awaitAsked(1);
            Future<FailureKind> second = launches.submit(() -> kind(provider));
            gate.countDown();
            assertEquals(FailureKind.PROVIDER_MALFORMED, first.get());
            assertEquals(FailureKind.PROVIDER_MALFORMED, second.get());
        }
    }

    private static FailureKind kind(CachingProvider provider) {
        return assertThrows(AgentException.class, () -> up(provider, "fake:a")).kind();
    }

    private void awaitAsked(int times) throws InterruptedException {
        long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        while (backend.asked.get() < times) {
            assertTrue(System.nanoTime() < deadline, "nobody asked");
            Thread.onSpinWait();
        }
    }

    @Test
    void anAnswerThatThereIsNothingCountsForItsOwnTime() {
        CachingProvider provider = provider();
        backend.answer = FakeBackend.missing();
        assertEquals(FailureKind.SECRET_NOT_FOUND, absent(provider, "fake:a").kind());
        backend.answer = () -> FakeBackend.value("1", "made");

        time.pass(Duration.ofSeconds(9));
        assertEquals(FailureKind.SECRET_NOT_FOUND, absent(provider, "fake:a").kind());
        time.pass(Duration.ofSeconds(1));
        assertEquals("made", value(provider, "fake:a"));
    }

    @Test
    void aDenialOfTheBackendIsKeptAsOne() {
        CachingProvider provider = provider();
        backend.answer = FakeBackend.failing(FailureKind.PROVIDER_DENIED);

        assertEquals(FailureKind.PROVIDER_DENIED, absent(provider, "fake:a").kind());
        assertEquals(FailureKind.PROVIDER_DENIED, absent(provider, "fake:a").kind());
        assertEquals(1, backend.asked.get());
    }

    @Test
    void anOldValueCountsOnlyWhileTheBackendCannotBeAskedAndOnlySoLong() {
        CachingProvider provider = provider();
        value(provider, "fake:a");
        backend.answer = FakeBackend.down();
        time.pass(Duration.ofMinutes(30));

        try (FoundSecret stale = found(provider, "fake:a")) {
            assertEquals(Optional.of(Duration.ofMinutes(30)), stale.stale());
        }
        assertEquals(List.of("stale fake:a PT30M"), news.said);
        assertEquals(1, answers.counts().stale());

        time.pass(Duration.ofMinutes(36));
        assertEquals(
                FailureKind.PROVIDER_UNAVAILABLE,
                assertThrows(UnavailableException.class, () -> up(provider, "fake:a"))
                        .kind());
    }

    @Test
    void whoHasAnOldValueAsksNotForLongAndASlowBackendIsAskedOnBehindIt() {
        CachingProvider provider = provider();
        value(provider, "fake:a");
        assertEquals(Duration.ofSeconds(20), backend.within);
        backend.answer = this::hung;
        time.pass(Duration.ofMinutes(30));

        assertEquals("first", value(provider, "fake:a"));
        assertEquals(Duration.ofSeconds(2), backend.within);
        backend.answer = () -> FakeBackend.value("2", "second");
        time.background.removeFirst().run();

        assertEquals(Duration.ofSeconds(20), backend.within);
        assertEquals("second", value(provider, "fake:a"));
    }

    /** Each attempt counts: more of them would have it given a rest sooner, in which a denial is not heard. */
    @Test
    void aBackendThatSaysAtOnceThatItCannotIsNotAskedBehindIt() {
        CachingProvider provider = provider();
        value(provider, "fake:a");
        backend.answer = FakeBackend.down();
        time.pass(Duration.ofMinutes(30));

        assertEquals("first", value(provider, "fake:a"));

        assertTrue(time.background.isEmpty());
    }

    private Lookup hung() {
        time.pass(Duration.ofSeconds(2));
        return FakeBackend.down().get();
    }

    @Test
    void whoAsksForARecentValueWaitsForTheBackendAsLongAsEver() {
        CachingProvider provider = provider();
        value(provider, "fake:a");
        time.pass(Duration.ofMinutes(30));
        Freshness recent = new Freshness(Optional.of(Duration.ofMinutes(1)), false);

        assertInstanceOf(Lookup.Found.class, provider.find(LOCATION, Optional.empty(), recent));

        assertEquals(Duration.ofSeconds(20), backend.within);
    }

    @Test
    void nobodyWithAnOldValueWaitsWhileAFailingBackendIsAskedAgain() throws Exception {
        CachingProvider provider = provider();
        value(provider, "fake:a");
        backend.answer = this::hung;
        time.pass(Duration.ofMinutes(30));
        value(provider, "fake:a");
        CountDownLatch gate = new CountDownLatch(1);
        backend.gate = gate;
        try (ExecutorService behind = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<?> again = behind.submit(time.background.removeFirst());
            awaitAsked(3);

            assertEquals("first", value(provider, "fake:a"));
            assertFalse(again.isDone());
            gate.countDown();
            again.get();
        }
        assertEquals(3, backend.asked.get());
    }

    @Test
    void nothingStaleIsServedWhereItIsNotConfigured() {
        CachingProvider provider = provider(Duration.ofMinutes(5), Duration.ZERO, Duration.ZERO);
        value(provider, "fake:a");
        backend.answer = FakeBackend.down();
        time.pass(Duration.ofMinutes(5).plusMillis(1));

        assertThrows(UnavailableException.class, () -> up(provider, "fake:a"));
    }

    @ParameterizedTest
    @EnumSource(
            value = FailureKind.class,
            names = {"PROVIDER_DENIED", "SECRET_NOT_FOUND"})
    void aValueThatTheBackendTookBackNeverComesAgain(FailureKind kind) {
        CachingProvider provider = provider();
        value(provider, "fake:a");
        time.pass(Duration.ofMinutes(6));
        backend.answer = kind == FailureKind.SECRET_NOT_FOUND ? FakeBackend.missing() : FakeBackend.failing(kind);
        assertEquals(kind, absent(provider, "fake:a").kind());
        backend.answer = FakeBackend.down();
        time.pass(Duration.ofSeconds(11));

        assertThrows(UnavailableException.class, () -> up(provider, "fake:a"));
    }

    @Test
    void whatIsMalformedIsNoOutage() {
        CachingProvider provider = provider();
        value(provider, "fake:a");
        time.pass(Duration.ofMinutes(6));
        backend.answer = FakeBackend.failing(FailureKind.PROVIDER_MALFORMED);

        assertEquals(FailureKind.PROVIDER_MALFORMED, kind(provider));
    }

    @Test
    void refreshesAheadWhileLaunchesStillGetTheOldValue() {
        CachingProvider provider = provider();
        value(provider, "fake:a");
        backend.answer = () -> FakeBackend.value("2", "second");
        time.pass(Duration.ofMinutes(4));

        assertEquals("first", value(provider, "fake:a"));
        assertEquals(1, time.background.size());
        time.runBackground();

        assertEquals("second", value(provider, "fake:a"));
        assertEquals(2, backend.asked.get());
    }

    @Test
    void aRefreshAheadThatFailsHarmsNothing() {
        CachingProvider provider = provider();
        value(provider, "fake:a");
        backend.answer = FakeBackend.down();
        time.pass(Duration.ofMinutes(4));
        value(provider, "fake:a");
        time.runBackground();

        assertEquals("first", value(provider, "fake:a"));
    }

    @Test
    void aCallerCanAskForSomethingYounger() {
        CachingProvider provider = provider();
        value(provider, "fake:a");
        backend.answer = () -> FakeBackend.value("2", "second");
        time.pass(Duration.ofSeconds(30));

        assertEquals("1", version(provider, new Freshness(Optional.of(Duration.ofMinutes(1)), false)));
        assertEquals("2", version(provider, new Freshness(Optional.of(Duration.ofSeconds(29)), false)));
    }

    @Test
    void aCallerThatAskedForYoungerGetsNothingStale() {
        CachingProvider provider = provider();
        value(provider, "fake:a");
        backend.answer = FakeBackend.down();
        time.pass(Duration.ofSeconds(30));

        assertThrows(
                UnavailableException.class,
                () -> version(provider, new Freshness(Optional.of(Duration.ofSeconds(29)), false)));
    }

    @Test
    void offlineServesWhatIsKeptAndAsksNobody() {
        CachingProvider provider = provider();
        Freshness offline = new Freshness(Optional.empty(), true);
        AgentException nothing = assertThrows(AgentException.class, () -> version(provider, offline));
        assertEquals(FailureKind.PROVIDER_UNAVAILABLE, nothing.kind());
        assertEquals(0, backend.asked.get());

        value(provider, "fake:a");
        time.pass(Duration.ofMinutes(20));
        assertEquals("1", version(provider, offline));
        assertEquals(1, backend.asked.get());
    }

    private static String version(CachingProvider provider, Freshness freshness) {
        Lookup lookup = provider.find(LOCATION, Optional.empty(), freshness);
        return assertInstanceOf(Lookup.Found.class, lookup).secret().version();
    }

    @Test
    void refreshReplacesWhatIsKept() {
        CachingProvider provider = provider();
        value(provider, "fake:a");
        backend.answer = () -> FakeBackend.value("2", "second");

        provider.refresh(LOCATION);

        assertEquals("second", value(provider, "fake:a"));
        assertEquals(2, backend.asked.get());
    }

    @Test
    void nothingIsKeptOfAProviderThatAnotherReplaces() {
        CachingProvider before = provider();
        assertEquals("first", value(before, "fake:a"));

        before.retire();

        assertEquals(1, backend.retired.get());
        backend.answer = () -> FakeBackend.value("2", "second");
        assertEquals("second", value(provider(), "fake:a"));
        backend.answer = () -> FakeBackend.value("3", "of another backend");
        assertEquals("of another backend", value(before, "fake:b"));
        backend.answer = () -> FakeBackend.value("4", "fourth");
        assertEquals("fourth", value(provider(), "fake:b"));
    }

    @Test
    void listsThroughTheSameGuardAndKeepsNothingOfIt() {
        CachingProvider provider = provider();

        assertEquals(Page.whole(List.of("a/x")), provider.list("a/", Optional.empty(), Duration.ofSeconds(1)));
        assertEquals(Page.whole(List.of("a/x")), provider.list("a/", Optional.empty(), Duration.ofSeconds(1)));
        assertEquals(2, backend.listed.get());
    }

    @Test
    void isAtHandOnlyWhileNothingHasToBeWaitedFor() {
        CachingProvider provider = provider();
        assertFalse(provider.isAtHand(LOCATION, Optional.empty()));
        value(provider, "fake:a");
        assertTrue(provider.isAtHand(LOCATION, Optional.empty()));

        time.pass(Duration.ofSeconds(299));
        assertFalse(provider.isAtHand(LOCATION, Optional.empty()));
    }

    @Test
    void withoutATimeEachLaunchAsks() {
        CachingProvider provider = provider(Duration.ZERO, Duration.ZERO, Duration.ZERO);
        value(provider, "fake:a");
        value(provider, "fake:a");

        assertEquals(2, backend.asked.get());
        assertEquals(0, answers.counts().entries());
    }

    @Test
    void staysBoundedWhateverIsAskedFor() {
        CachingProvider provider = provider();
        backend.answer = FakeBackend.missing();
        for (int i = 0; i < 5_000; i++) {
            provider.find(new SecretLocation("fake", "a" + i), Optional.empty());
        }
        assertEquals(4_096, answers.counts().entries());

        backend.answer = () -> new Lookup.Found(
                HeldSecret.of(HeldSecret.Facts.of("1"), SecretValue.owning(new byte[SecretValue.MAX_BYTES])));
        for (int i = 0; i < 20; i++) {
            provider.find(new SecretLocation("fake", "big" + i), Optional.empty());
        }
        assertEquals(15, answers.counts().entries());
    }

    @Test
    void whatABackendLendsCountsNoLongerThanThat() {
        backend.answer = CachingProviderTest::lentForAMinute;
        CachingProvider provider = provider();
        value(provider, "fake:a");

        time.pass(Duration.ofSeconds(40));
        value(provider, "fake:a");
        assertEquals(2, backend.asked.get());
        backend.answer = FakeBackend.down();
        time.pass(Duration.ofSeconds(60));
        assertThrows(UnavailableException.class, () -> up(provider, "fake:a"));
    }

    private static Lookup lentForAMinute() {
        HeldSecret value = (HeldSecret) ((Lookup.Found) FakeBackend.value("1", "lent")).secret();
        return new Lookup.Found(new LentSecret(value, Duration.ofMinutes(1)));
    }
}
