package dev.latchkey.agent.cache;

import static dev.latchkey.agent.provider.Looked.found;
import static dev.latchkey.agent.provider.Looked.value;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.latchkey.agent.crypto.KeyMemory;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.failure.UnavailableException;
import dev.latchkey.agent.memory.LockedMemory;
import dev.latchkey.agent.secret.FoundSecret;
import dev.latchkey.agent.secret.HeldSecret;
import dev.latchkey.agent.secret.Lease;
import dev.latchkey.agent.secret.Lender.Term;
import dev.latchkey.agent.secret.LentSecret;
import dev.latchkey.agent.secret.Lookup;
import dev.latchkey.agent.secret.SecretLocation;
import dev.latchkey.agent.secret.SecretValue;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Credentials that a backend makes when they are asked for, each under a lease of one minute unless told otherwise. */
class LeasesTest {
    private static final SecretLocation LOCATION = new SecretLocation("fake", "a");
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final Duration TTL = Duration.ofMinutes(5);

    private final FakeTime time = new FakeTime();
    private final FakeBackend backend = new FakeBackend();
    private final KeptAnswers answers = new KeptAnswers(new KeyMemory(new LockedMemory(_ -> {})), new SecureRandom());
    private final RecordedNews news = new RecordedNews();
    private final List<FakeLender> lenders = new ArrayList<>();
    private Duration first = MINUTE;
    private boolean renewable = true;

    @BeforeEach
    void lends() {
        backend.answer = this::lent;
    }

    private synchronized Lookup lent() {
        FakeLender lender = new FakeLender(time, first);
        lender.renews = renewable;
        lenders.add(lender);
        byte[] text = ("credential " + lenders.size()).getBytes(StandardCharsets.UTF_8);
        HeldSecret secret = HeldSecret.of(HeldSecret.Facts.of("1"), SecretValue.owning(text));
        return new Lookup.Found(new LentSecret(secret, first, Optional.of(lender)));
    }

    private CachingProvider provider(Duration ttl, Duration stale) {
        Limits limits = new Limits(Duration.ofSeconds(20), 0, 100_000, Duration.ofSeconds(1), 50);
        Clockwork clockwork = time.clockwork();
        return new CachingProvider(
                backend,
                new Guard("fake", limits, clockwork, news),
                new CachingProvider.Shared(new CacheSettings(ttl, stale, MINUTE), answers, clockwork, news));
    }

    private CachingProvider provider() {
        return provider(TTL, Duration.ZERO);
    }

    /** A launch whose process lives on. */
    private static Lease.Hold launched(CachingProvider provider) {
        try (FoundSecret secret = found(provider, "fake:a")) {
            return secret.lease().orElseThrow().hold();
        }
    }

    private FakeLender lender(int number) {
        return lenders.get(number - 1);
    }

    @Test
    void aLeaseIsRenewedInItsLastThirdForAsLongAsSomebodyHoldsIt() {
        Lease.Hold hold = launched(provider());
        long start = time.now();

        time.live(Duration.ofHours(1));

        List<Long> times = lender(1).renewals;
        assertTrue(times.size() >= 80 && times.size() <= 90, times.size() + " renewals in an hour of minutes");
        long share = Duration.ofNanos(times.getFirst() - start).toMillis();
        assertTrue(share >= 40_000 && share <= 45_000, share + " ms into the first minute");
        assertEquals(List.of(), lender(1).returns);
        hold.close();
    }

    @Test
    void itIsGivenBackOnceTheLastHolderIsGoneAndTheCacheServesItNoMore() {
        CachingProvider provider = provider();
        Lease.Hold one = launched(provider);
        Lease.Hold other = launched(provider);
        assertEquals(new LeaseCounts(1, 1, Optional.of(Duration.ofSeconds(45))), provider.leases());

        time.live(TTL.plus(MINUTE));
        one.close();
        one.close();
        time.live(MINUTE);
        assertEquals(List.of(), lender(1).returns, "another holds it still");
        other.close();
        long gone = time.now();
        time.live(MINUTE);

        assertEquals(List.of(gone + KeptLease.GRACE.toNanos()), lender(1).returns);
        assertEquals(new LeaseCounts(0, 0, Optional.empty()), provider.leases());
    }

    @Test
    void aHoldNamesItsLeaseAndTwoOfOneVersionAreTwo() {
        CachingProvider cached = provider();
        Lease.Hold one = launched(cached);
        assertSame(one.lease(), launched(cached).lease());
        CachingProvider uncached = provider(Duration.ZERO, Duration.ZERO);
        Lease.Hold first = launched(uncached);
        assertNotSame(first.lease(), launched(uncached).lease());
    }

    @Test
    void launchesInARowShareOneCredential() {
        CachingProvider provider = provider();

        for (int launch = 0; launch < 4; launch++) {
            launched(provider).close();
            time.live(MINUTE);
        }

        assertEquals(1, lenders.size());
        assertTrue(lender(1).renewals.size() >= 4, "it was renewed while the cache may serve it");
        assertEquals(List.of(), lender(1).returns);
    }

    @Test
    void whatNobodyHoldsIsGivenBackWhenTheCachesTimeIsOver() {
        CachingProvider provider = provider();
        long start = time.now();
        launched(provider).close();

        time.live(Duration.ofMinutes(10));

        assertEquals(List.of(start + TTL.toNanos()), lender(1).returns);
        assertEquals(0, provider.leases().count());
        assertEquals("credential 2", value(provider, "fake:a"), "what was given back is not served");
    }

    @Test
    void aFetchWhoseLaunchFailedIsGivenBackToo() {
        CachingProvider provider = provider(Duration.ZERO, Duration.ZERO);
        found(provider, "fake:a").close();

        time.live(KeptLease.GRACE);

        assertEquals(1, lender(1).returns.size());
    }

    @Test
    void withoutACacheItIsGivenBackRightAfterItsHolder() {
        CachingProvider provider = provider(Duration.ZERO, Duration.ZERO);
        Lease.Hold hold = launched(provider);
        time.live(Duration.ofMinutes(10));
        assertEquals(List.of(), lender(1).returns);

        hold.close();
        time.live(KeptLease.GRACE);

        assertEquals(1, lender(1).returns.size());
    }

    @Test
    void whatIsFoundIsHeldUntilItIsClosed() {
        CachingProvider provider = provider(Duration.ZERO, Duration.ZERO);
        try (FoundSecret secret = found(provider, "fake:a")) {
            time.live(Duration.ofMinutes(10));
            assertEquals(List.of(), lender(1).returns);
            assertTrue(secret.lease().orElseThrow().left().isPositive());
        }
        time.live(KeptLease.GRACE);
        assertEquals(1, lender(1).returns.size());
    }

    @Test
    void whatWentWhereNobodyCanFollowItIsNeverGivenBackNorKeptUp() {
        CachingProvider provider = provider(Duration.ZERO, Duration.ZERO);
        launched(provider).leave();

        time.live(Duration.ofHours(1));

        assertEquals(List.of(), lender(1).returns);
        assertEquals(List.of(), lender(1).renewals);
        assertEquals(0, provider.leases().count());
    }

    @Test
    void leavingItOnceIsEnoughHoweverManyHoldItBesides() {
        CachingProvider provider = provider();
        launched(provider).leave();
        Lease.Hold hold = launched(provider);
        time.live(Duration.ofMinutes(20));
        assertTrue(lender(1).renewals.size() > 20, "somebody else holds it");

        hold.close();
        time.live(Duration.ofMinutes(20));

        assertEquals(List.of(), lender(1).returns);
    }

    @Test
    void aRefreshHasTheOldOneGivenBackOnceItsHolderIsGone() {
        CachingProvider provider = provider();
        Lease.Hold hold = launched(provider);

        ((Lookup.Found) provider.refresh(LOCATION)).secret().close();
        time.live(MINUTE);
        assertEquals("credential 2", value(provider, "fake:a"));
        assertEquals(List.of(), lender(1).returns);
        hold.close();
        time.live(KeptLease.GRACE);

        assertEquals(1, lender(1).returns.size());
        assertEquals(List.of(), lender(2).returns);
    }

    @Test
    void nearTheEndOfItsLongestTimeNewLaunchesGetAnotherWhileHoldersKeepTheOld() {
        CachingProvider provider = provider();
        Lease.Hold hold = launched(provider);
        lender(1).term = () -> Optional.of(new Term(Duration.ofSeconds(18), true));

        time.live(Duration.ofSeconds(46));
        assertEquals("credential 2", value(provider, "fake:a"));
        int before = lender(1).renewals.size();
        time.live(MINUTE);

        assertTrue(lender(1).renewals.size() > before, "the old one is renewed as long as it can be");
        hold.close();
        time.live(KeptLease.GRACE);
        assertEquals(1, lender(1).returns.size());
    }

    @Test
    void aRenewalThatGivesNothingMoreIsTheLastAndSaid() {
        CachingProvider provider = provider();
        Lease.Hold hold = launched(provider);
        long end = time.now() + MINUTE.toNanos();
        lender(1).term = () -> Optional.of(new Term(Duration.ofNanos(end - time.now()), true));

        time.live(Duration.ofSeconds(50));

        assertEquals(1, lender(1).renewals.size());
        assertEquals(List.of("fake:a ends in PT15S"), news.said);
        time.live(MINUTE);
        assertEquals(0, provider.leases().count(), "it ended by itself");
        hold.close();
        time.live(MINUTE);
        assertEquals(List.of(), lender(1).returns);
    }

    @Test
    void aLeaseThatItsBackendDoesNotKnowAnyMoreIsServedToNobody() {
        CachingProvider provider = provider();
        Lease.Hold hold = launched(provider);
        lender(1).term = Optional::empty;

        time.live(Duration.ofSeconds(46));

        assertEquals("credential 2", value(provider, "fake:a"));
        assertEquals(1, news.said.size());
        hold.close();
    }

    @Test
    void anOutageIsSurvivedWhereItIsShorterThanTheLease() {
        CachingProvider provider = provider();
        Lease.Hold hold = launched(provider);
        lender(1).term = () -> {
            throw FakeLender.down();
        };
        time.live(Duration.ofSeconds(48));
        lender(1).term = () -> Optional.of(new Term(MINUTE, true));
        time.live(Duration.ofSeconds(10));

        assertTrue(lender(1).renewals.size() >= 2);
        assertEquals("credential 1", value(provider, "fake:a"));
        assertEquals(List.of(), news.said);
        hold.close();
    }

    @Test
    void whatCannotBeRenewedIsNotServedInItsLastThird() {
        CachingProvider provider = provider();
        Lease.Hold hold = launched(provider);
        lender(1).term = () -> {
            throw FakeLender.down();
        };

        time.live(Duration.ofSeconds(44));
        assertEquals("credential 1", value(provider, "fake:a"));
        time.live(Duration.ofSeconds(2));
        assertEquals("credential 2", value(provider, "fake:a"));
        hold.close();
    }

    @Test
    void anAgentThatMayNotRenewIsToldSoOnceAndTheLeaseEndsByItself() {
        CachingProvider provider = provider(Duration.ZERO, Duration.ZERO);
        List<Lease.Hold> holds =
                IntStream.range(0, 3).mapToObj(_ -> launched(provider)).toList();
        lenders.forEach(lender -> lender.term = () -> {
            throw FakeLender.denied();
        });

        time.live(Duration.ofMinutes(5));

        lenders.forEach(lender -> assertEquals(1, lender.renewals.size()));
        assertEquals(List.of("not renewed: fake does not let the agent do this"), news.said);
        assertEquals(0, provider.leases().count());
        holds.forEach(Lease.Hold::close);
    }

    @Test
    void oneThatCannotBeRenewedAtAllIsNeverAskedFor() {
        renewable = false;
        CachingProvider provider = provider();
        Lease.Hold hold = launched(provider);
        assertEquals(Optional.empty(), provider.leases().nextRenewal());

        time.live(Duration.ofSeconds(30));
        assertEquals("credential 1", value(provider, "fake:a"));
        time.live(Duration.ofSeconds(11));
        assertEquals("credential 2", value(provider, "fake:a"));
        assertEquals(List.of(), lender(1).renewals);
        hold.close();
        time.live(KeptLease.GRACE);
        assertEquals(1, lender(1).returns.size());
    }

    @Test
    void givingBackIsTriedAgainWithGrowingPausesUntilTheLeaseHasEnded() {
        first = Duration.ofMinutes(30);
        CachingProvider provider = provider(Duration.ZERO, Duration.ZERO);
        launched(provider).close();
        lender(1).giveBack = () -> {
            throw FakeLender.down();
        };

        time.live(Duration.ofHours(1));

        int tries = lender(1).returns.size();
        assertTrue(tries > 10 && tries < 60, tries + " times in half an hour");
        assertEquals(
                1,
                news.said.stream()
                        .filter("1 not given back: fake is down"::equals)
                        .count());
        assertEquals(0, provider.leases().count());
    }

    @Test
    void givingBackSucceedsOnceTheBackendIsThereAgain() {
        CachingProvider provider = provider(Duration.ZERO, Duration.ZERO);
        launched(provider).close();
        lender(1).giveBack = () -> {
            throw FakeLender.down();
        };
        time.live(Duration.ofSeconds(5));
        lender(1).giveBack = () -> {};
        time.live(Duration.ofSeconds(10));
        int tries = lender(1).returns.size();
        time.live(MINUTE);

        assertEquals(tries, lender(1).returns.size());
        assertEquals(0, provider.leases().count());
    }

    @Test
    void anAgentThatMayNotGiveBackIsToldSoOnce() {
        CachingProvider provider = provider(Duration.ZERO, Duration.ZERO);
        for (int launch = 0; launch < 3; launch++) {
            launched(provider).close();
            lenders.getLast().giveBack = () -> {
                throw FakeLender.denied();
            };
        }

        time.live(MINUTE);

        lenders.forEach(lender -> assertEquals(1, lender.returns.size()));
        assertEquals(List.of("3 not given back: fake does not let the agent do this"), news.said);
    }

    @Test
    void whatIsBeingGivenBackIsServedToNobody() {
        CachingProvider provider = provider(TTL, Duration.ofHours(1));
        launched(provider).close();
        lender(1).giveBack = () -> {
            throw FakeLender.down();
        };
        time.live(TTL.plusSeconds(1));
        backend.answer = FakeBackend.down();

        assertThrows(UnavailableException.class, () -> value(provider, "fake:a"));
    }

    @Test
    void anOutageIsBridgedByWhatSomebodyHolds() {
        CachingProvider provider = provider(TTL, Duration.ofHours(1));
        Lease.Hold hold = launched(provider);
        time.live(TTL.plusSeconds(1));
        backend.answer = FakeBackend.down();

        assertEquals("credential 1", value(provider, "fake:a"));
        hold.close();
    }

    @Test
    void whatWasGivenToASessionThatIsOverIsNotServedAnyMore() {
        CachingProvider provider = provider();
        Lease.Hold hold = launched(provider);
        assertEquals("credential 1", value(provider, "fake:a"));

        lender(1).most = Optional.of(Duration.ZERO);

        assertEquals("credential 2", value(provider, "fake:a"));
        hold.close();
    }

    /** As when the agent's own credential is about to be renewed, and that takes its time: each launch would make a credential of its own. */
    @Test
    void whatCameJustNowIsServedThoughItWillEndSoonAndNoLonger() {
        CachingProvider provider = provider();
        assertEquals("credential 1", value(provider, "fake:a"));
        lender(1).most = Optional.of(Duration.ofMillis(500));

        assertEquals("credential 1", value(provider, "fake:a"));
        time.live(Duration.ofSeconds(1));
        assertEquals("credential 2", value(provider, "fake:a"));
    }

    @Test
    void aProviderThatIsReplacedKeepsUpWhatIsHeldAndThenEnds() {
        CachingProvider provider = provider();
        Lease.Hold hold = launched(provider);
        time.live(Duration.ofSeconds(10));

        provider.retire();
        time.live(Duration.ofMinutes(10));
        assertEquals(0, backend.retired.get());
        assertTrue(lender(1).renewals.size() > 10);
        hold.close();
        time.live(KeptLease.GRACE);
        time.runBackground();

        assertEquals(1, lender(1).returns.size());
        assertEquals(1, backend.retired.get());
    }

    @Test
    void aProviderThatIsReplacedGivesBackWhatNobodyHolds() {
        CachingProvider provider = provider();
        launched(provider).close();

        provider.retire();
        time.live(KeptLease.GRACE);

        assertEquals(1, lender(1).returns.size());
    }

    @Test
    void anAgentThatStopsGivesBackOnlyWhatNobodyHolds() {
        CachingProvider provider = provider(Duration.ZERO, Duration.ZERO);
        Lease.Hold hold = launched(provider);
        launched(provider).close();
        launched(provider).leave();

        List<Runnable> last = provider.stop();
        last.forEach(Runnable::run);
        hold.close();
        time.live(MINUTE);

        assertEquals(1, last.size());
        assertEquals(
                List.of(0, 1, 0),
                lenders.stream().map(lender -> lender.returns.size()).toList());
        lenders.forEach(lender -> assertEquals(List.of(), lender.renewals));
    }

    /** So many processes, each with a credential of its own. */
    private static List<Lease.Hold> held(CachingProvider provider, int count) {
        return IntStream.range(0, count)
                .mapToObj(_ -> {
                    Lookup.Found fresh = (Lookup.Found) provider.refresh(new SecretLocation("fake", "b"));
                    try (FoundSecret secret = fresh.secret()) {
                        return secret.lease().orElseThrow().hold();
                    }
                })
                .toList();
    }

    @Test
    void theOldestThatNobodyHoldsMakesRoomAndIsGivenBack() {
        CachingProvider provider = provider();
        List<Lease.Hold> holds = new ArrayList<>(held(provider, 1));
        launched(provider).close();
        launched(provider).close();
        holds.addAll(held(provider, Leases.MOST - 2));
        time.pass(KeptLease.GRACE);

        holds.addAll(held(provider, 1));
        time.live(Duration.ofMillis(1));

        assertEquals(1, lender(2).returns.size());
        assertEquals(
                1, lenders.stream().filter(lender -> !lender.returns.isEmpty()).count());
        assertEquals(Leases.MOST, provider.leases().held());
        assertEquals(List.of(), news.said);
        holds.forEach(Lease.Hold::close);
    }

    @Test
    void whatCannotBeGivenBackMakesRoomAllTheSameAndIsTriedOnce() {
        CachingProvider provider = provider();
        launched(provider).close();
        lender(1).giveBack = () -> {
            throw FakeLender.down();
        };
        List<Lease.Hold> holds = new ArrayList<>(held(provider, Leases.MOST - 1));
        time.pass(KeptLease.GRACE);

        holds.addAll(held(provider, 1));
        time.live(Duration.ofSeconds(30));

        assertEquals(1, lender(1).returns.size());
        assertEquals(Leases.MOST, provider.leases().count());
        holds.forEach(Lease.Hold::close);
    }

    @Test
    void whatWentWhereNobodyCanFollowItMakesRoomAndIsServedNoMore() {
        CachingProvider provider = provider();
        launched(provider).leave();
        List<Lease.Hold> holds = new ArrayList<>(held(provider, Leases.MOST - 1));
        time.pass(KeptLease.GRACE);

        holds.addAll(held(provider, 1));
        time.live(Duration.ofSeconds(1));

        assertEquals(List.of(), lender(1).returns);
        assertThrows(UnavailableException.class, () -> value(provider, "fake:a"));
        holds.forEach(Lease.Hold::close);
    }

    @Test
    void whatWasJustFetchedMakesNoRoom() {
        CachingProvider provider = provider();
        launched(provider).close();
        List<Lease.Hold> holds = held(provider, Leases.MOST - 1);

        assertThrows(UnavailableException.class, () -> held(provider, 1));

        assertEquals("credential 1", value(provider, "fake:a"));
        holds.forEach(Lease.Hold::close);
    }

    @Test
    void whereProcessesHoldAllThatAreKeptNothingMoreIsAskedFor() {
        CachingProvider provider = provider();
        List<Lease.Hold> holds = held(provider, Leases.MOST);
        time.pass(KeptLease.GRACE);

        UnavailableException failure = assertThrows(UnavailableException.class, () -> value(provider, "fake:a"));
        assertThrows(UnavailableException.class, () -> value(provider, "fake:a"));

        assertEquals(FailureKind.BUSY, failure.kind());
        assertEquals(
                "fake lends nothing more: processes hold all 4096 leases that the agent keeps of it",
                failure.failure().message());
        assertEquals(Leases.MOST, backend.asked.get());
        assertEquals(List.of("full: 4096"), news.said);
        assertEquals("lends nothing more: processes hold all 4096 leases that are kept", provider.state());
        assertEquals("credential 4096", value(provider, "fake:b"), "those that share one go on");
        time.live(MINUTE);
        lenders.forEach(lender -> assertEquals(List.of(), lender.returns));
        holds.forEach(Lease.Hold::close);
    }

    @Test
    void thereIsRoomAgainAsSoonAsOneThatHoldsOneEnds() {
        CachingProvider provider = provider();
        List<Lease.Hold> holds = held(provider, Leases.MOST);
        assertThrows(UnavailableException.class, () -> value(provider, "fake:a"));

        holds.getFirst().close();
        time.live(KeptLease.GRACE);

        assertEquals(1, lender(1).returns.size());
        assertEquals("ok", provider.state());
        assertEquals("credential 4097", value(provider, "fake:a"));
        holds.forEach(Lease.Hold::close);
    }

    @Test
    void anAnswerWithoutALeaseTakesNoPlace() {
        CachingProvider provider = provider(Duration.ZERO, Duration.ZERO);
        List<Lease.Hold> holds = held(provider, Leases.MOST - 1);
        backend.answer = () -> FakeBackend.value("1", "x");
        value(provider, "fake:c");
        backend.answer = FakeBackend.down();
        assertThrows(UnavailableException.class, () -> value(provider, "fake:c"));
        backend.answer = this::lent;

        assertEquals("credential " + Leases.MOST, value(provider, "fake:a"));
        holds.forEach(Lease.Hold::close);
    }

    @Test
    void whatTheCacheHasNoRoomForIsGivenBack() {
        CachingProvider provider = provider();
        launched(provider).close();
        backend.answer = () -> FakeBackend.value("1", "x");
        for (int name = 0; name < 4_096; name++) {
            value(provider, "fake:b" + name);
        }

        time.live(KeptLease.GRACE);

        assertEquals(1, lender(1).returns.size());
    }
}
