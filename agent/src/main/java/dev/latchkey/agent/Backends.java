package dev.latchkey.agent;

import dev.latchkey.agent.cache.BackendNews;
import dev.latchkey.agent.cache.CacheSettings;
import dev.latchkey.agent.cache.CachingProvider;
import dev.latchkey.agent.cache.Clockwork;
import dev.latchkey.agent.cache.Guard;
import dev.latchkey.agent.cache.KeptAnswers;
import dev.latchkey.agent.cache.LeaseCounts;
import dev.latchkey.agent.cache.Limits;
import dev.latchkey.agent.config.CacheConfig;
import dev.latchkey.agent.config.NetworkConfig;
import dev.latchkey.agent.crypto.KeyMemory;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.injection.Providers;
import dev.latchkey.agent.policy.RuleLimits;
import dev.latchkey.agent.secret.FoundSecret;
import dev.latchkey.agent.secret.Lookup;
import dev.latchkey.agent.secret.RemoteProvider;
import dev.latchkey.agent.secret.SecretLocation;
import dev.latchkey.agent.secret.SecretProvider;
import dev.latchkey.agent.telemetry.Event;
import dev.latchkey.agent.telemetry.Key;
import dev.latchkey.agent.telemetry.Log;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What stands between launches and backends. Where no provider has one nothing of it is made. */
final class Backends {
    private static final RuleLimits.Rate USUAL_RATE = new RuleLimits.Rate(100, Duration.ofSeconds(1));
    private static final int USUAL_CONCURRENT = 20;
    private static final Duration LAST_RETURNS = Duration.ofSeconds(2);

    private final CacheConfig config;
    private final KeyMemory memory;
    private final SecureRandom random;
    private final News news;
    private volatile Map<String, CachingProvider> providers = Map.of();
    private volatile List<CachingProvider> retired = List.of();
    private volatile CachingProvider.@Nullable Shared shared;

    Backends(CacheConfig config, KeyMemory memory, SecureRandom random, Log log) {
        this.config = config;
        this.memory = memory;
        this.random = random;
        this.news = new News(log);
    }

    /** The provider as launches see it, once it is one of those that serve. Called while the agent starts or takes a configuration over, by one thread. */
    SecretProvider cached(RemoteProvider remote, NetworkConfig network) {
        CachingProvider.Shared common = shared();
        Guard guard = new Guard(remote.name(), limits(network), common.clockwork(), news);
        return new CachingProvider(remote, guard, common);
    }

    /** Only these serve from now on. What is kept of one that does no longer is forgotten. */
    void serving(Providers all) {
        Map<String, CachingProvider> before = providers;
        Map<String, CachingProvider> now = new HashMap<>();
        for (SecretProvider provider : all.all()) {
            if (provider instanceof CachingProvider caching) {
                now.put(caching.name(), caching);
            }
        }
        providers = Map.copyOf(now);
        List<CachingProvider> gone =
                before.values().stream().filter(old -> !now.containsValue(old)).toList();
        gone.forEach(CachingProvider::retire);
        // What they lent is held still, and must be left alone when the agent stops.
        retired = Stream.concat(retired.stream(), gone.stream())
                .filter(old -> old.leases().count() > 0)
                .toList();
    }

    /** Lets each load what its first look-up needs, while nobody waits for it. Nothing happens where there is none. */
    void prepare() {
        if (!providers.isEmpty()) {
            List<CachingProvider> all = List.copyOf(providers.values());
            Thread.ofPlatform().daemon().name("preparing").start(() -> all.forEach(CachingProvider::prepare));
        }
    }

    /** As {@code status} shows it; absent for a provider without a backend. */
    Optional<String> state(String provider) {
        return Optional.ofNullable(providers.get(provider)).map(CachingProvider::state);
    }

    /** What it lent; absent for a provider without a backend. */
    Optional<LeaseCounts> leases(String provider) {
        return Optional.ofNullable(providers.get(provider)).map(CachingProvider::leases);
    }

    /** Absent where there is no cache. */
    Optional<KeptAnswers.Counts> counts() {
        return Optional.ofNullable(shared).map(s -> s.answers().counts());
    }

    /**
     * Fetches a secret again, whatever is kept of it.
     *
     * @return its version
     * @throws AgentException {@code BAD_ARGUMENT} if nothing is ever kept of it, else what the backend says
     */
    String refresh(SecretLocation location) {
        CachingProvider provider = Optional.ofNullable(providers.get(location.provider()))
                .orElseThrow(() -> new AgentException(
                        FailureKind.BAD_ARGUMENT,
                        "nothing of " + location.provider() + " is kept in the cache",
                        "only what is fetched over a network is; anything else is always looked up"));
        return switch (provider.refresh(location)) {
            case Lookup.Found(FoundSecret secret) -> {
                try (secret) {
                    yield secret.version();
                }
            }
            case Lookup.Absent absent -> throw new AgentException(absent.failure());
        };
    }

    /** The version that is kept of a secret, without asking any backend; absent also for a provider without one. */
    Optional<String> keptVersion(SecretLocation location) {
        return Optional.ofNullable(providers.get(location.provider()))
                .flatMap(provider -> provider.keptVersion(location));
    }

    /**
     * Gives back the leases that nobody holds, as far as that can be done at once, and closes everything. What is held is left to whoever holds it.
     *
     * @param within at most; never more than two seconds, whatever backends do
     */
    void stop(Duration within) {
        List<Runnable> unused = Stream.concat(providers.values().stream(), retired.stream())
                .flatMap(provider -> provider.stop().stream())
                .toList();
        CountDownLatch left = new CountDownLatch(unused.size());
        unused.forEach(task -> Thread.ofVirtual().name("lease").start(() -> counted(task, left)));
        try {
            long most = Math.min(within.toMillis(), LAST_RETURNS.toMillis());
            if (!left.await(most, TimeUnit.MILLISECONDS)) {
                news.leasesLeft((int) left.getCount());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        providers.values().forEach(CachingProvider::close);
    }

    private static void counted(Runnable task, CountDownLatch left) {
        try {
            task.run();
        } catch (AgentException failed) {
            // It ends by itself; the agent does not wait for it.
        } finally {
            left.countDown();
        }
    }

    private CachingProvider.Shared shared() {
        CachingProvider.Shared made = shared;
        if (made == null) {
            made = new CachingProvider.Shared(
                    new CacheSettings(config.ttl(), config.staleIfError(), config.negativeTtl()),
                    new KeptAnswers(memory, random),
                    Clockwork.system(),
                    news);
            shared = made;
        }
        return made;
    }

    static Limits limits(NetworkConfig network) {
        RuleLimits.Rate rate = network.limits().rate().orElse(USUAL_RATE);
        return new Limits(
                network.timeout(),
                network.retries(),
                rate.count(),
                rate.per(),
                network.limits().concurrent().orElse(USUAL_CONCURRENT));
    }

    /** Logs it. */
    record News(Log log) implements BackendNews {
        @Override
        public void resting(String provider, Duration pause, Failure failure) {
            log.warn(
                    Event.BACKEND_RESTING,
                    Key.PROVIDER.of(provider),
                    Key.MILLIS.of(pause.toMillis()),
                    Key.MESSAGE.of(failure.message()));
        }

        @Override
        public void answersAgain(String provider) {
            log.info(Event.BACKEND_ANSWERS, Key.PROVIDER.of(provider));
        }

        @Override
        public void servedStale(SecretLocation location, Duration age, Failure failure) {
            log.warn(
                    Event.SERVED_STALE,
                    Key.LOCATION.of(location),
                    Key.MILLIS.of(age.toMillis()),
                    Key.MESSAGE.of(failure.message()));
        }

        @Override
        public void leasesNotRenewed(String provider, Failure failure) {
            said(Event.LEASES_NOT_RENEWED, provider, failure);
        }

        @Override
        public void leaseEnds(SecretLocation location, Duration left) {
            log.warn(Event.LEASE_ENDS, Key.LOCATION.of(location), Key.MILLIS.of(left.toMillis()));
        }

        @Override
        public void leasesFull(String provider, int count) {
            log.warn(Event.LEASES_FULL, Key.PROVIDER.of(provider), Key.COUNT.of(count));
        }

        @Override
        public void leasesNotGivenBack(String provider, int count, Failure failure) {
            said(Event.LEASES_NOT_REVOKED, provider, failure, Key.COUNT.of(count));
        }

        private void said(Event event, String provider, Failure failure, Key.Field... more) {
            List<Key.Field> fields = Stream.of(
                            Stream.of(Key.PROVIDER.of(provider)),
                            Stream.of(more),
                            Stream.of(Key.MESSAGE.of(failure.message())),
                            failure.hint().map(Key.HINT::of).stream())
                    .flatMap(all -> all)
                    .toList();
            log.warn(event, fields.toArray(Key.Field[]::new));
        }

        /** The agent did not wait for these. */
        void leasesLeft(int count) {
            log.warn(Event.LEASES_NOT_REVOKED, Key.COUNT.of(count));
        }
    }
}
