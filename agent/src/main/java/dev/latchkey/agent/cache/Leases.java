package dev.latchkey.agent.cache;

import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.secret.LentSecret;
import dev.latchkey.agent.secret.SecretLocation;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;

/**
 * The leases of one provider that are kept up, or have yet to be given back.
 *
 * <p>So many at most: beyond that the oldest is left to end by itself, so that neither memory nor a backend that does not take leases back can grow
 * without bound. Its lock is taken within that of a lease, never the other way round.
 */
final class Leases {
    static final int MOST = 4_096;

    private final String provider;
    private final Guard guard;
    private final Clockwork clockwork;
    private final BackendNews news;
    private final Set<KeptLease> all = new LinkedHashSet<>();
    private final AtomicBoolean renewalsRefused = new AtomicBoolean();
    private final AtomicBoolean returnsRefused = new AtomicBoolean();
    private final AtomicBoolean returnsLate = new AtomicBoolean();
    private Optional<Runnable> whenNone = Optional.empty();
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

    /**
     * What came under a lease came just now.
     *
     * @param asked when it was asked for, from which its time counts
     */
    KeptLease keep(SecretLocation location, LentSecret secret, long asked) {
        KeptLease lease = new KeptLease(this, location, secret.lender(), secret.leased(), asked);
        if (secret.lender().isPresent()) {
            add(lease).ifPresent(KeptLease::abandon);
            lease.tend();
        }
        return lease;
    }

    /** What is one too many. */
    private synchronized Optional<KeptLease> add(KeptLease lease) {
        if (stopped) {
            return Optional.of(lease);
        }
        all.add(lease);
        if (all.size() <= MOST) {
            return Optional.empty();
        }
        Iterator<KeptLease> eldest = all.iterator();
        KeptLease oldest = eldest.next();
        eldest.remove();
        return Optional.of(oldest);
    }

    void forget(KeptLease lease) {
        Optional<Runnable> last = Optional.empty();
        synchronized (this) {
            all.remove(lease);
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
