package dev.latchkey.agent.cache;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.UnavailableException;
import dev.latchkey.agent.secret.Lease;
import dev.latchkey.agent.secret.Lender;
import dev.latchkey.agent.secret.Lender.Term;
import dev.latchkey.agent.secret.SecretLocation;
import java.time.Duration;
import java.util.Optional;

/**
 * A lease as the cache keeps it: renewed while somebody holds what came under it or the cache may serve it, given back once neither is so.
 *
 * <p>Whatever happens to it (a holder more or less, the cache has another, time) only sets when it has to be looked at next; that is {@link #tend}, on a
 * thread of its own, which alone asks the backend. Nothing else blocks, and nothing asks while it has the lock.
 */
final class KeptLease implements Lease {
    /** So long nobody may hold what was just looked up: whoever waited for the same look-up still comes for it. */
    static final Duration GRACE = Duration.ofSeconds(2);

    private static final Duration SHORTEST = Duration.ofMillis(250);
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);

    /** So long nobody asks for another, however soon it ends: launches must not make one each. */
    private static final Duration FRESH = Duration.ofSeconds(1);

    /** What is done with it. */
    private enum Phase {
        /** It is renewed and given back as it has to be. */
        KEPT,
        /** INVARIANT: from here on nobody gets what came under it any more. */
        GIVING_BACK,
        /** It was given back, or cannot be. */
        DONE,
        /** It ends, or has ended, by itself. */
        LEFT
    }

    private final Leases leases;
    private final SecretLocation location;
    private final Optional<Lender> lender;
    private final Duration first;
    private final long asked;

    private Phase phase;
    private boolean renewable;
    private boolean doubtful;
    private boolean over;
    private long endsAt;
    private long renewAt;
    private int holders;
    private boolean left;
    private boolean served;
    private long servedUntil;
    private long idleSince;
    private boolean busy;
    private boolean lastTry;
    private int failures;
    private long againAt;
    private boolean alarmed;
    private long alarmAt;

    KeptLease(Leases leases, SecretLocation location, Optional<Lender> lender, Duration first, long asked) {
        this.leases = leases;
        this.location = location;
        this.lender = lender;
        this.first = first;
        this.asked = asked;
        this.phase = lender.isPresent() ? Phase.KEPT : Phase.LEFT;
        this.renewable = lender.filter(Lender::renews).isPresent();
        this.idleSince = leases.now();
        granted(first, asked);
    }

    SecretLocation location() {
        return location;
    }

    @Override
    public synchronized Duration left() {
        Duration known = Duration.ofNanos(Math.max(0, endsAt - leases.now()));
        return lender.flatMap(Lender::most)
                .filter(most -> most.compareTo(known) < 0)
                .orElse(known);
    }

    @Override
    public synchronized Hold hold() {
        holders++;
        return new Counted();
    }

    /** The same, for whoever only now gets what came under it; absent: too late, it is given back. */
    synchronized Optional<Hold> take() {
        boolean tooLate = phase == Phase.GIVING_BACK || phase == Phase.DONE;
        return tooLate ? Optional.empty() : Optional.of(hold());
    }

    private final class Counted implements Hold {
        private boolean ended;

        @Override
        public void close() {
            end(false);
        }

        @Override
        public void leave() {
            end(true);
        }

        @Override
        public Lease lease() {
            return KeptLease.this;
        }

        private void end(boolean unknown) {
            synchronized (KeptLease.this) {
                if (!ended) {
                    ended = true;
                    left |= unknown;
                    released();
                }
            }
        }
    }

    private void released() {
        holders--;
        if (holders == 0) {
            idleSince = leases.now();
            wakeInTime();
        }
    }

    /** The cache serves it for so long, if nothing comes between. */
    synchronized void serve(long until) {
        served = true;
        servedUntil = until;
        wakeInTime();
    }

    /** The cache serves it no more. */
    synchronized void withdraw() {
        served = false;
        wakeInTime();
    }

    /**
     * Whether what came under it may go to more processes: a third of its first time is left, or half of that while it is about to be renewed; or
     * hardly any, but it came just now, and another would end with the same credential of the agent.
     */
    boolean mayBeServed() {
        Duration now = left();
        synchronized (this) {
            int share = renewable && !doubtful ? 6 : 3;
            boolean lasts = now.multipliedBy(share).compareTo(first) > 0;
            boolean fresh = now.isPositive() && leases.now() - asked < FRESH.toNanos();
            return !over && phase != Phase.GIVING_BACK && phase != Phase.DONE && (lasts || fresh);
        }
    }

    /** Whether it is time to have another, because this one is not renewed and will soon not be served any more. */
    synchronized boolean needsSuccessor() {
        return !renewable && left().multipliedBy(15).compareTo(first.multipliedBy(7)) <= 0;
    }

    /** Absent where nothing renews it, or nothing any more. */
    synchronized Optional<Duration> nextRenewal() {
        long now = leases.now();
        return renewable && isWanted(now)
                ? Optional.of(Duration.ofNanos(Math.max(0, renewAt - now)))
                : Optional.empty();
    }

    synchronized boolean renews() {
        return renewable;
    }

    synchronized boolean isHeld() {
        return holders > 0;
    }

    /** Does what is due now, and has itself woken when something is due again. */
    void tend() {
        switch (next()) {
            case RENEW -> renew();
            case GIVE_BACK -> giveBack();
            case NOTHING -> {}
        }
        synchronized (this) {
            wakeInTime();
        }
    }

    private enum Step {
        NOTHING,
        RENEW,
        GIVE_BACK
    }

    private synchronized Step next() {
        long now = leases.now();
        if (busy || phase == Phase.DONE || phase == Phase.LEFT) {
            return Step.NOTHING;
        }
        if (endsAt - now <= 0) {
            end(phase == Phase.KEPT ? Phase.LEFT : Phase.DONE);
            return Step.NOTHING;
        }
        if (phase == Phase.KEPT && isUnused(now)) {
            phase = Phase.GIVING_BACK;
            againAt = now;
        }
        if (phase == Phase.GIVING_BACK) {
            return busyWith(againAt - now <= 0 ? Step.GIVE_BACK : Step.NOTHING);
        }
        if (isForgotten(now)) {
            end(Phase.LEFT);
            return Step.NOTHING;
        }
        return busyWith(renewable && isWanted(now) && renewAt - now <= 0 ? Step.RENEW : Step.NOTHING);
    }

    private Step busyWith(Step step) {
        busy = step != Step.NOTHING;
        return step;
    }

    private boolean isWanted(long now) {
        return holders > 0 || isServed(now);
    }

    private boolean isServed(long now) {
        return served && servedUntil - now > 0 && mayBeServed();
    }

    /** SECURITY: what went where nobody can follow it is not unused, however long nobody is known to hold it. */
    private boolean isUnused(long now) {
        return !left && holders == 0 && !isServed(now) && now - idleSince >= GRACE.toNanos();
    }

    private boolean isForgotten(long now) {
        return left && holders == 0 && !isServed(now);
    }

    private void end(Phase as) {
        phase = as;
        leases.forget(this);
    }

    /** When it must be looked at, if not before. */
    private void wakeInTime() {
        if (busy || phase == Phase.DONE || phase == Phase.LEFT) {
            return;
        }
        long now = leases.now();
        long due = soonest(now);
        if (!alarmed || due - alarmAt < 0) {
            alarmed = true;
            alarmAt = due;
            leases.wake(Duration.ofNanos(Math.max(0, due - now)), () -> woken(due));
        }
    }

    private void woken(long due) {
        synchronized (this) {
            alarmed = alarmed && alarmAt != due;
        }
        tend();
    }

    private long soonest(long now) {
        if (phase == Phase.GIVING_BACK) {
            return earlier(againAt, endsAt);
        }
        long due = endsAt;
        if (holders == 0) {
            long idle = idleSince + GRACE.toNanos();
            due = earlier(due, isServed(now) ? later(idle, earlier(servedUntil, unservedAt())) : idle);
        }
        return renewable && isWanted(now) ? earlier(due, renewAt) : due;
    }

    /** Where it is not renewed the cache stops serving it before it ends. */
    private long unservedAt() {
        return renewable ? endsAt : endsAt - first.toNanos() / 3;
    }

    private static long earlier(long one, long other) {
        return one - other < 0 ? one : other;
    }

    private static long later(long one, long other) {
        return one - other > 0 ? one : other;
    }

    private void renew() {
        long asked = leases.now();
        Optional<AgentException> failure = Optional.empty();
        Optional<Term> term = Optional.empty();
        try {
            term = leases.ask(within -> lender.orElseThrow().renew(first, within));
        } catch (AgentException e) {
            failure = Optional.of(e);
        }
        boolean held;
        synchronized (this) {
            busy = false;
            held = holders > 0;
            renewed(term, failure, asked);
        }
        report(failure, held);
    }

    private void renewed(Optional<Term> term, Optional<AgentException> failure, long asked) {
        if (failure.orElse(null) instanceof UnavailableException) {
            doubtful = true;
            long now = leases.now();
            renewAt = now + Math.max(SHORTEST.toNanos(), (endsAt - now) / 3);
            return;
        }
        long before = endsAt;
        term.ifPresent(given -> granted(given.left(), asked));
        // Near the end of its longest time a lease is renewed to less and less, and at last to nothing more.
        over = term.isEmpty();
        renewable = term.filter(Term::again).isPresent() && endsAt - before > SHORTEST.toNanos();
        doubtful = !renewable || term.orElseThrow().left().multipliedBy(3).compareTo(first) < 0;
    }

    private void report(Optional<AgentException> failure, boolean held) {
        if (failure.isPresent() && !(failure.get() instanceof UnavailableException)) {
            leases.renewalRefused(failure.get().failure());
        } else if (held && failure.isEmpty() && !renews()) {
            leases.renewedNoMore(location, left());
        }
    }

    private void granted(Duration given, long asked) {
        endsAt = asked + given.toNanos();
        long share = given.toNanos() / 12;
        renewAt = asked + Math.max(SHORTEST.toNanos(), share * 8 + (long) (share * leases.jitter()));
    }

    private void giveBack() {
        Optional<AgentException> failure = Optional.empty();
        try {
            leases.ask(within -> {
                lender.orElseThrow().giveBack(within);
                return true;
            });
        } catch (AgentException e) {
            failure = Optional.of(e);
        }
        failure.ifPresentOrElse(
                e -> leases.notGivenBack(e.failure(), e instanceof UnavailableException), leases::givenBack);
        synchronized (this) {
            busy = false;
            failure.ifPresentOrElse(this::notGivenBack, () -> end(Phase.DONE));
        }
    }

    private void notGivenBack(AgentException failure) {
        if (lastTry || !(failure instanceof UnavailableException)) {
            end(Phase.DONE);
            return;
        }
        long doubled = FIRST_PAUSE.toNanos() << Math.min(failures, 6);
        failures++;
        long pause = Math.min(doubled, LONGEST_PAUSE.toNanos());
        againAt = leases.now() + pause / 2 + (long) (pause / 2.0 * leases.jitter());
    }

    /**
     * Makes room for another unless somebody holds it, or may still come for it: it is given back now, and ends by itself where that fails. Does not wait.
     *
     * @return whether there is room now
     */
    synchronized boolean makeRoom() {
        long now = leases.now();
        if (holders > 0 || now - idleSince < GRACE.toNanos()) {
            return false;
        }
        if (left) {
            // SECURITY: somebody may use it still. INVARIANT: what is not kept up goes to nobody else.
            phase = Phase.DONE;
        } else if (phase == Phase.KEPT || phase == Phase.GIVING_BACK) {
            phase = Phase.GIVING_BACK;
            againAt = now;
            lastTry = true;
            wakeInTime();
        }
        leases.forget(this);
        return true;
    }

    /** Nothing is done with it from now on, whoever comes or goes. */
    synchronized void abandon() {
        if (phase == Phase.KEPT) {
            phase = Phase.LEFT;
        }
    }

    /**
     * The same for good.
     *
     * @return its lender, where nobody holds it and it can still be given back
     */
    synchronized Optional<Lender> stop() {
        boolean unused = !left && holders == 0 && (phase == Phase.KEPT || phase == Phase.GIVING_BACK);
        phase = unused ? Phase.DONE : Phase.LEFT;
        return unused ? lender : Optional.empty();
    }

    @Override
    public String toString() {
        return "lease of " + location;
    }
}
