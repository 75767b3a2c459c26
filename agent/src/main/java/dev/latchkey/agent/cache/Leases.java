package dev.latchkey.agent.cache;

import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.failure.UnavailableException;
import dev.latchkey.agent.secret.LentSecret;
import dev.latchkey.agent.secret.SecretLocation;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;

/**
 * The leases of one provider that are kept up, or have yet to be given back.
 *
 * <p>So many at most, so that neither memory nor a backend that does not take leases back can grow without bound. Beyond that the oldest that nobody holds
 * makes room. Where processes hold all of them nothing more is asked for: what could not be kept up would end under whoever got it, and what is held is
 * not taken from its holder for the sake of another.
 *
 * <p>Its lock is taken within that of a lease, never the other way round.
 */
final class Leases {
    static final int MOST = 4_096;

    /** That there is no room is said again only after there were so few, or it would be said whenever one ends. */
    private static final int ROOMY = MOST / 8 * 7;

    private final String provider;
    private final Guard guard;
    private final Clockwork clockwork;
    private final BackendNews news;
    private final Set<KeptLease> all = new LinkedHashSet<>();
    private final AtomicBoolean renewalsRefused = new AtomicBoolean();
    private final AtomicBoolean returnsRefused = new AtomicBoolean();
    private final AtomicBoolean returnsLate = new AtomicBoolean();
    private final AtomicBoolean fullSaid = new AtomicBoolean();
    private Optional<Runnable> whenNone = Optional.empty();
    private int awaited;
    private boolean stopped;

    Leases(String provider, Guard guard, Clockwork clockwork, BackendNews news) {
        this.provider = provider;
        this.guard = guard;
        this.clockwork = clockwork;
        this.news = news;
    }

    LeaseCounts counts() {
        List<KeptLease> now = snapshot();
        return new LeaseCounts(
                now.size(),
                (int) now.stream().filter(KeptLease::isHeld).count(),
                now.stream()
                        .map(KeptLease::nextRenewal)
                        .flatMap(Optional::stream)
                        .min(Duration::compareTo));
    }

    private synchronized List<KeptLease> snapshot() {
        return List.copyOf(all);
    }

    /** Room for one lease more, for what is asked for under it. */
    final class Place implements AutoCloseable {
        private boolean taken;

        private Place() {}

        /**
         * What came under a lease came just now.
         *
         * @param asked when it was asked for, from which its time counts
         */
        KeptLease keep(SecretLocation location, LentSecret secret, long asked) {
            KeptLease lease = new KeptLease(Leases.this, location, secret.lender(), secret.leased(), asked);
            if (secret.lender().isPresent()) {
                if (!add(lease)) {
                    lease.abandon();
                }
                lease.tend();
            }
            return lease;
        }

        /** False: nothing is kept up any more. */
        private boolean add(KeptLease lease) {
            synchronized (Leases.this) {
                close();
                return !stopped && all.add(lease);
            }
        }

        @Override
        public void close() {
            synchronized (Leases.this) {
                awaited -= taken ? 0 : 1;
                taken = true;
            }
        }
    }

    /**
     * To be had before anything is asked for that may come under a lease: whoever is given one must be able to look after it.
     *
     * @throws UnavailableException if all that can be kept are held
     */
    Place place() {
        while (!reserved()) {
            if (snapshot().stream().noneMatch(KeptLease::makeRoom)) {
                throw full();
            }
        }
        return new Place();
    }

    private synchronized boolean reserved() {
        boolean room = all.size() + awaited < MOST;
        awaited += room ? 1 : 0;
        return room;
    }

    private UnavailableException full() {
        if (fullSaid.compareAndSet(false, true)) {
            news.leasesFull(provider, MOST);
        }
        return new UnavailableException(Failure.of(
                FailureKind.BUSY,
                provider + " lends nothing more: processes hold all " + MOST + " leases that the agent keeps of it",
                "there is room when one of them ends; a longer 'ttl' of the cache lets more launches share one"));
    }

    /** What keeps launches from what is not at hand; absent while there is room. */
    Optional<String> trouble() {
        List<KeptLease> now = snapshot();
        return now.size() >= MOST && now.stream().allMatch(KeptLease::isHeld)
                ? Optional.of("lends nothing more: processes hold all " + MOST + " leases that are kept")
                : Optional.empty();
    }

    void forget(KeptLease lease) {
        Optional<Runnable> last = Optional.empty();
        synchronized (this) {
            all.remove(lease);
            if (all.size() <= ROOMY) {
                fullSaid.set(false);
            }
            if (all.isEmpty()) {
                last = whenNone;
                whenNone = Optional.empty();
            }
        }
        last.ifPresent(clockwork.background()::execute);
    }

    /** Does this once there is none. */
    void whenNone(Runnable then) {
        boolean none;
        synchronized (this) {
            none = all.isEmpty();
            whenNone = none ? Optional.empty() : Optional.of(then);
        }
        if (none) {
            then.run();
        }
    }

    synchronized boolean isEmpty() {
        return all.isEmpty();
    }

    /**
     * From now on nothing is renewed, and nobody's end gives anything back.
     *
     * @return what gives back what nobody holds now
     */
    List<Runnable> stop() {
        synchronized (this) {
            stopped = true;
        }
        return snapshot().stream()
                .map(KeptLease::stop)
                .flatMap(Optional::stream)
                .<Runnable>map(lender -> () -> ask(within -> {
                    lender.giveBack(within);
                    return true;
                }))
                .toList();
    }

    long now() {
        return clockwork.now();
    }

    double jitter() {
        return clockwork.jitter().getAsDouble();
    }

    void wake(Duration after, Runnable task) {
        clockwork.alarm().after(after, task);
    }

    <T> T ask(Function<Duration, T> request) {
        return guard.call(request);
    }

    /** Said once: it is the same for all of them until the operator changes it. */
    void renewalRefused(Failure failure) {
        if (renewalsRefused.compareAndSet(false, true)) {
            news.leasesNotRenewed(provider, failure);
        }
    }

    void renewedNoMore(SecretLocation location, Duration left) {
        news.leaseEnds(location, left);
    }

    void givenBack() {
        returnsLate.set(false);
        returnsRefused.set(false);
    }

    /**
     * Said once until one is given back.
     *
     * @param again whether it will be tried again
     */
    void notGivenBack(Failure failure, boolean again) {
        AtomicBoolean said = again ? returnsLate : returnsRefused;
        if (said.compareAndSet(false, true)) {
            news.leasesNotGivenBack(provider, snapshot().size(), failure);
        }
    }
}
