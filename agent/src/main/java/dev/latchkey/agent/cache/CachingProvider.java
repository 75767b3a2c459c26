package dev.latchkey.agent.cache;

import dev.latchkey.agent.cache.KeptAnswers.Question;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.failure.UnavailableException;
import dev.latchkey.agent.secret.FoundSecret;
import dev.latchkey.agent.secret.Freshness;
import dev.latchkey.agent.secret.LentSecret;
import dev.latchkey.agent.secret.Lookup;
import dev.latchkey.agent.secret.Namespace;
import dev.latchkey.agent.secret.RemoteDocument;
import dev.latchkey.agent.secret.RemoteProvider;
import dev.latchkey.agent.secret.Scope;
import dev.latchkey.agent.secret.SecretListing;
import dev.latchkey.agent.secret.SecretLocation;
import dev.latchkey.agent.secret.SecretProvider;
import dev.latchkey.agent.secret.SecretReference;
import dev.latchkey.agent.secret.SecretValue;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** A remote provider as launches see it. */
public final class CachingProvider implements SecretProvider, SecretListing, AutoCloseable {
    /** A value that is due so soon is not said to be at hand, for it would have to be waited for. */
    private static final Duration MARGIN = Duration.ofSeconds(1);

    private static final int SMALL = 8 << 10;

    /** How long a launch that can go on with an old value waits for a new one. */
    private static final Duration FIRST_TRY = Duration.ofSeconds(2);

    private final RemoteProvider backend;
    private final Guard guard;
    private final CacheSettings settings;
    private final KeptAnswers answers;
    private final Clockwork clockwork;
    private final BackendNews news;
    private final Leases leases;
    private final Map<Question, Flight> flights = new ConcurrentHashMap<>();
    private boolean retired;

    /**
     * What providers share.
     *
     * @param answers what all of them keep
     */
    public record Shared(CacheSettings settings, KeptAnswers answers, Clockwork clockwork, BackendNews news) {}

    public CachingProvider(RemoteProvider backend, Guard guard, Shared shared) {
        this.backend = backend;
        this.guard = guard;
        this.settings = shared.settings();
        this.answers = shared.answers();
        this.clockwork = shared.clockwork();
        this.news = shared.news();
        this.leases = new Leases(backend.name(), guard, clockwork, news);
    }

    @Override
    public String name() {
        return backend.name();
    }

    /** As {@link RemoteProvider#prepare}. What it fails with is told to whoever looks something up. */
    public void prepare() {
        try {
            backend.prepare();
        } catch (AgentException failed) {
            // Nobody waits here; the first look-up fails in the same way and says so.
        }
    }

    /** As {@code status} shows it. */
    public String state() {
        return guard.isAsked() ? leases.trouble().or(backend::trouble).orElseGet(guard::state) : guard.state();
    }

    @Override
    public SecretLocation locate(SecretReference reference, Namespace defaults) {
        return backend.locate(reference, defaults);
    }

    @Override
    public Lookup find(SecretLocation location, Optional<String> version) {
        return find(location, version, Freshness.CONFIGURED);
    }

    @Override
    public Lookup find(SecretLocation location, Optional<String> version, Freshness freshness) {
        Wanted wanted = wanted(location, version);
        Kept kept = answers.find(wanted.asked());
        if (kept != null && isFresh(kept, freshness)) {
            Optional<Lookup> answer =
                    served(wanted, kept, Optional.empty()).filter(a -> freshness.offline() || countsStill(a, kept));
            if (answer.isPresent()) {
                answers.countHit();
                refreshAhead(wanted.asked(), kept);
                return answer.get();
            }
        }
        return freshness.offline() ? offline(wanted, kept, freshness) : fetched(wanted, kept, freshness);
    }

    /**
     * What a launch wants.
     *
     * @param asked what the backend is asked for, and what is kept
     */
    private record Wanted(SecretLocation location, Question asked) {}

    private Wanted wanted(SecretLocation location, Optional<String> version) {
        return new Wanted(
                location,
                backend instanceof RemoteDocument whole
                        ? new Question(whole.document(), Optional.empty())
                        : new Question(location, version));
    }

    /** That a document lacks a name counts no longer than any other answer that there is nothing. */
    private boolean countsStill(Lookup answer, Kept kept) {
        return answer instanceof Lookup.Found
                || kept instanceof Kept.Nothing
                || age(kept).compareTo(settings.negativeTtl()) < 0;
    }

    @Override
    public boolean isAtHand(SecretLocation location, Optional<String> version) {
        return answers.find(wanted(location, version).asked()) instanceof Kept.Value value
                && value.whole().size() <= SMALL
                && age(value).plus(MARGIN).compareTo(ttl(value)) < 0
                && value.lease().stream().allMatch(KeptLease::mayBeServed);
    }

    /**
     * Fetches the current version again. What the backend says replaces what was kept; if it cannot be asked, that stays.
     *
     * @throws AgentException as the backend
     */
    public Lookup refresh(SecretLocation location) {
        return fetched(wanted(location, Optional.empty()), guard.full());
    }

    /** The current version as far as it is kept, however old; asks nobody, and counts as no question. */
    public Optional<String> keptVersion(SecretLocation location) {
        Wanted wanted = wanted(location, Optional.empty());
        Kept kept = answers.find(wanted.asked());
        if (kept == null
                || !(served(wanted, kept, Optional.empty()).orElse(null) instanceof Lookup.Found(FoundSecret secret))) {
            return Optional.empty();
        }
        try (secret) {
            return Optional.of(secret.version());
        }
    }

    /**
     * Another takes its place, which may have another backend: nothing that it said counts any more, nor what it is still asked. Leases that are held are
     * kept up all the same, as far as its backend still knows the agent.
     */
    public void retire() {
        synchronized (this) {
            retired = true;
            answers.forgetAll(name());
        }
        leases.whenNone(backend::retire);
    }

    /** Of what it fetched. */
    public LeaseCounts leases() {
        return leases.counts();
    }

    /**
     * The agent stops, and what it launched goes on: leases that are held are left as they are.
     *
     * @return what gives back the others; each blocks
     */
    public List<Runnable> stop() {
        return leases.stop();
    }

    @Override
    public void close() {
        backend.close();
    }

    private Lookup fetched(Wanted wanted, @Nullable Kept before, Freshness freshness) {
        answers.countMiss();
        if (!(before instanceof Kept.Value old) || !mayBeStale(old, freshness)) {
            return fetched(wanted, guard.full());
        }
        long began = clockwork.now();
        try {
            Optional<Failure> failing = guard.lastFailure().filter(_ -> flights.containsKey(wanted.asked()));
            if (failing.isPresent()) {
                // It is being asked again already, and nobody need wait for that.
                throw new UnavailableException(failing.get());
            }
            return fetched(wanted, guard.brief(FIRST_TRY));
        } catch (UnavailableException e) {
            Lookup stale = stale(wanted, before, freshness).orElseThrow(() -> e);
            news.servedStale(wanted.location(), age(before), e.failure());
            if (clockwork.now() - began >= FIRST_TRY.toNanos()) {
                // It may only be slow; what says at once that it cannot answer is asked by the next launch.
                refreshSoon(wanted.asked());
            }
            return stale;
        }
    }

    /** Whoever joins the fetch of another may come when its lease is given back already, and then fetches. */
    private Lookup fetched(Wanted wanted, Guard.Effort effort) {
        Optional<Lookup> answer = Optional.empty();
        while (answer.isEmpty()) {
            answer = served(wanted, join(wanted.asked(), effort), Optional.empty());
        }
        return answer.get();
    }

    private Optional<Lookup> stale(Wanted wanted, @Nullable Kept kept, Freshness freshness) {
        if (!(kept instanceof Kept.Value value) || !mayBeStale(value, freshness)) {
            return Optional.empty();
        }
        Optional<Lookup> found = served(wanted, value, Optional.of(age(value))).filter(Lookup.Found.class::isInstance);
        found.ifPresent(_ -> answers.countStale());
        return found;
    }

    private Lookup offline(Wanted wanted, @Nullable Kept kept, Freshness freshness) {
        return stale(wanted, kept, freshness)
                .orElseThrow(() -> new AgentException(
                        FailureKind.PROVIDER_UNAVAILABLE,
                        "nothing recent enough is in the cache, and " + name() + " is not asked",
                        "leave out --offline"));
    }

    /** Absent: what it came under is given back, so that it is worth nothing. */
    private Optional<Lookup> served(Wanted wanted, Kept kept, Optional<Duration> stale) {
        return switch (kept) {
            case Kept.Value value ->
                backend instanceof RemoteDocument whole
                        ? Optional.of(picked(whole, wanted.location(), value, stale))
                        : value.lease().isEmpty()
                                ? Optional.of(new Lookup.Found(new KeptSecret(value, Optional.empty(), stale)))
                                : value.lease()
                                        .flatMap(KeptLease::take)
                                        .map(hold -> new Lookup.Found(new KeptSecret(value, Optional.of(hold), stale)));
            case Kept.Nothing nothing -> Optional.of(new Lookup.Absent(nothing.failure(), nothing.scopes()));
        };
    }

    /** SECURITY: the whole is open for as long as this takes. */
    private static Lookup picked(
            RemoteDocument whole, SecretLocation location, Kept.Value kept, Optional<Duration> stale) {
        try (SecretValue document = kept.whole().open()) {
            return switch (whole.pick(document, location)) {
                case Lookup.Found(FoundSecret secret) -> new Lookup.Found(new MarkedSecret(secret, stale));
                case Lookup.Absent absent -> absent;
            };
        }
    }

    private boolean isFresh(Kept kept, Freshness freshness) {
        Duration age = age(kept);
        boolean served =
                !(kept instanceof Kept.Value value) || value.lease().stream().allMatch(KeptLease::mayBeServed);
        return served
                && age.compareTo(ttl(kept)) < 0
                && freshness.maxAge().filter(most -> age.compareTo(most) > 0).isEmpty();
    }

    /** INVARIANT: never longer than configured, than the caller lets it be, or than the backend said. */
    private boolean mayBeStale(Kept.Value value, Freshness freshness) {
        Duration age = age(value);
        boolean configured = age.compareTo(settings.ttl().plus(settings.staleIfError())) <= 0;
        boolean wanted =
                freshness.maxAge().filter(most -> age.compareTo(most) > 0).isEmpty();
        boolean leased = value.lease().stream().allMatch(lease -> lease.left().isPositive());
        return configured && wanted && leased;
    }

    private Duration ttl(Kept kept) {
        return switch (kept) {
            case Kept.Value _ -> settings.ttl();
            case Kept.Nothing _ -> settings.negativeTtl();
        };
    }

    private Duration age(Kept kept) {
        return Duration.ofNanos(Math.max(0, clockwork.now() - kept.since()));
    }

    /** In the last fifth of its time a value that is asked for is fetched again, while launches still get it. */
    private void refreshAhead(Question asked, Kept kept) {
        boolean due = kept instanceof Kept.Value value
                && (age(kept).multipliedBy(5).compareTo(ttl(kept).multipliedBy(4)) >= 0
                        || value.lease().stream().anyMatch(KeptLease::needsSuccessor));
        if (due) {
            refreshSoon(asked);
        }
    }

    private void refreshSoon(Question asked) {
        if (!flights.containsKey(asked)) {
            clockwork.background().execute(() -> refreshQuietly(asked));
        }
    }

    /** What it fails with is told to whoever needs the value once it is due. */
    private void refreshQuietly(Question asked) {
        try {
            join(asked, guard.full());
        } catch (AgentException failed) {
            // The guard has counted it and told the operator if the backend rests now.
        }
    }

    /** A fetch that is under way. */
    private record Flight(CompletableFuture<Kept> answer, Guard.Effort effort) {}

    /** One fetch for all who ask for the same at the same time; whoever would do more for it than its first does it afterwards. */
    private Kept join(Question asked, Guard.Effort effort) {
        Flight mine = new Flight(new CompletableFuture<>(), effort);
        Flight flight = flights.putIfAbsent(asked, mine);
        if (flight == null) {
            return flown(asked, mine);
        }
        try {
            return awaited(flight, effort);
        } catch (UnavailableException e) {
            if (flight.effort().within().compareTo(effort.within()) >= 0) {
                throw e;
            }
            return flown(asked, mine);
        }
    }

    private Kept flown(Question asked, Flight mine) {
        try {
            Kept answer = fetch(asked, mine.effort());
            mine.answer().complete(answer);
            return answer;
        } catch (RuntimeException | Error e) {
            mine.answer().completeExceptionally(e);
            throw e;
        } finally {
            flights.remove(asked, mine);
        }
    }

    private Kept awaited(Flight flight, Guard.Effort effort) {
        try {
            return flight.answer().get(effort.within().toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException | CompletionException e) {
            throw e.getCause() instanceof RuntimeException failed ? failed : new IllegalStateException(e);
        } catch (TimeoutException e) {
            throw new UnavailableException(Failure.of(FailureKind.TIMED_OUT, name() + " did not answer in time"));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UnavailableException(
                    Failure.of(FailureKind.PROVIDER_UNAVAILABLE, "waiting for " + name() + " was given up"),
                    Optional.empty(),
                    e);
        }
    }

    private Kept fetch(Question asked, Guard.Effort effort) {
        try {
            return backend instanceof RemoteDocument whole ? fetchWhole(asked, whole, effort) : fetchOne(asked, effort);
        } catch (UnavailableException e) {
            throw e;
        } catch (AgentException e) {
            if (e.kind() == FailureKind.PROVIDER_DENIED) {
                return keep(asked, new Kept.Nothing(clockwork.now(), e.failure(), Set.of()));
            }
            throw e;
        }
    }

    /**
     * What a backend answers.
     *
     * @param since when it was asked
     */
    private record Answered(long since, Lookup lookup) {}

    private Kept fetchOne(Question asked, Guard.Effort effort) {
        try (Leases.Place place = leases.place()) {
            Answered answer = guard.call(effort, within -> fetch(asked, within));
            return kept(asked, answer.lookup(), lease(place, asked, answer));
        }
    }

    private static Optional<KeptLease> lease(Leases.Place place, Question asked, Answered answer) {
        return answer.lookup() instanceof Lookup.Found(LentSecret lent)
                ? Optional.of(place.keep(asked.location(), lent, answer.since()))
                : Optional.empty();
    }

    private Answered fetch(Question asked, Duration within) {
        long since = clockwork.now();
        return new Answered(since, backend.fetch(asked.location(), asked.version(), within));
    }

    /** What is kept is confirmed where the backend says that it has not changed. */
    private Kept fetchWhole(Question asked, RemoteDocument whole, Guard.Effort effort) {
        Optional<Kept.Value> before =
                answers.find(asked) instanceof Kept.Value value ? Optional.of(value) : Optional.empty();
        Optional<String> known = before.map(Kept.Value::version).filter(version -> !version.isEmpty());
        Optional<Lookup> answer = guard.call(effort, within -> whole.fetchDocument(known, within));
        return answer.map(changed -> kept(asked, changed, Optional.empty()))
                .or(() -> before.map(same -> keep(asked, same.confirmed(clockwork.now()))))
                .orElseThrow(() -> new IllegalStateException("nothing was known, so nothing can be unchanged"));
    }

    private Kept kept(Question asked, Lookup answer, Optional<KeptLease> lease) {
        return switch (answer) {
            case Lookup.Found(FoundSecret secret) -> keep(asked, answers.sealed(asked, secret, lease, clockwork.now()));
            case Lookup.Absent(Failure failure, Set<Scope> scopes) ->
                keep(asked, new Kept.Nothing(clockwork.now(), failure, scopes));
        };
    }

    /** SECURITY: what the backend says now replaces what it said before, so that a value that was revoked never comes back as stale. */
    private Kept keep(Question asked, Kept answer) {
        boolean counts = ttl(answer).isPositive()
                || (answer instanceof Kept.Value && settings.staleIfError().isPositive());
        synchronized (this) {
            if (counts && !retired) {
                answers.keep(asked, answer);
                serve(answer);
            } else {
                answers.forget(asked);
            }
        }
        return answer;
    }

    private void serve(Kept answer) {
        if (answer instanceof Kept.Value value) {
            value.lease()
                    .ifPresent(
                            lease -> lease.serve(value.since() + settings.ttl().toNanos()));
        }
    }

    /** Never kept. */
    @Override
    public Page list(String prefix, Optional<String> from, Duration within) {
        if (backend instanceof SecretListing listing) {
            return guard.call(left -> listing.list(prefix, from, left.compareTo(within) < 0 ? left : within));
        }
        throw SecretListing.missing(name());
    }

    @Override
    public boolean mayBeRooted() {
        return backend instanceof SecretListing listing && listing.mayBeRooted();
    }
}
