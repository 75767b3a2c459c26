package dev.latchkey.agent;

import dev.latchkey.agent.cache.BackendNews;
import dev.latchkey.agent.cache.CacheSettings;
import dev.latchkey.agent.cache.CachingProvider;
import dev.latchkey.agent.cache.Clockwork;
import dev.latchkey.agent.cache.Guard;
import dev.latchkey.agent.cache.KeptAnswers;
import dev.latchkey.agent.cache.Limits;
import dev.latchkey.agent.config.CacheConfig;
import dev.latchkey.agent.config.NetworkConfig;
import dev.latchkey.agent.crypto.KeyMemory;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.injection.Providers;
import dev.latchkey.agent.policy.RuleLimits;
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
import org.jspecify.annotations.Nullable;

/** What stands between launches and backends. Where no provider has one nothing of it is made. */
final class Backends implements AutoCloseable {
    private static final RuleLimits.Rate USUAL_RATE = new RuleLimits.Rate(100, Duration.ofSeconds(1));
    private static final int USUAL_CONCURRENT = 20;

    private final CacheConfig config;
    private final KeyMemory memory;
    private final SecureRandom random;
    private final News news;
    private volatile Map<String, CachingProvider> providers = Map.of();
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
        before.values().stream().filter(old -> !now.containsValue(old)).forEach(CachingProvider::retire);
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
            case Lookup.Found found -> found.secret().version();
            case Lookup.Absent absent -> throw new AgentException(absent.failure());
        };
    }

    /** The version that is kept of a secret, without asking any backend; absent also for a provider without one. */
    Optional<String> keptVersion(SecretLocation location) {
        return Optional.ofNullable(providers.get(location.provider()))
                .flatMap(provider -> provider.keptVersion(location));
    }

    @Override
    public void close() {
        providers.values().forEach(CachingProvider::close);
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
    }
}
