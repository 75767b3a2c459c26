package dev.latchkey.agent.admin.view;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The agent as a whole.
 *
 * @param socket the first workload socket
 * @param cache absent: there is no cache
 * @param consumers live processes that hold a version; absent: not counted
 * @param probes facts of the machine and of the state folder that an operator should know
 */
public record StatusView(
        boolean ready,
        String version,
        Duration uptime,
        String socket,
        StoreView store,
        List<ProviderView> providers,
        Optional<CacheView> cache,
        Optional<Long> consumers,
        List<ProbeView> probes) {
    public StatusView {
        providers = List.copyOf(providers);
        probes = List.copyOf(probes);
    }

    /**
     * The store.
     *
     * @param type {@code sqlite}
     * @param place where it lies
     */
    public record StoreView(String type, String place, long projects, long secrets) {}

    /**
     * A provider.
     *
     * @param state {@code ok}, or what is wrong with it: of a backend how often in a row it failed, whether it is still asked, and why
     * @param leases absent: it has no backend
     */
    public record ProviderView(String name, String type, String state, Optional<LeasesView> leases) {}

    /**
     * Leases of a provider that are kept up, or have yet to be given back.
     *
     * @param held those that somebody holds
     * @param renewal how long until the first of them is renewed; absent: none is
     */
    public record LeasesView(long count, long held, Optional<Duration> renewal) {}

    /**
     * What the cache of outside secrets holds, and what became of it since the start.
     *
     * @param stale answers that a backend could not confirm
     */
    public record CacheView(long entries, long hits, long misses, long stale) {}

    /**
     * A probe.
     *
     * @param state {@code ok} or {@code warning}
     */
    public record ProbeView(String name, String state, Optional<String> detail) {}
}
