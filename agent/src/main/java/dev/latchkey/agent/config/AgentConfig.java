package dev.latchkey.agent.config;

import dev.latchkey.agent.policy.Rule;
import dev.latchkey.agent.secret.Namespace;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Everything that {@code agent.yaml} can say; what it left out has its default.
 *
 * @param namespace where names without project and environment live
 * @param state absent: {@link Places} decides
 * @param sockets empty: one at the place that {@link Places} decides; {@link RunPlaces#sockets} is the list to bind
 * @param providers by name, in the order of the file; exactly one is a {@link ProviderConfig.Store}
 * @param defaultProvider the name of one of {@code providers}
 * @param cache of what providers fetch over a network
 * @param workloads first match wins; nothing matches: denied
 */
public record AgentConfig(
        Namespace namespace,
        Optional<Path> state,
        List<SocketConfig> sockets,
        List<ProviderConfig> providers,
        String defaultProvider,
        CacheConfig cache,
        List<Rule> workloads,
        AdminConfig admin,
        AuditConfig audit,
        HealthConfig health,
        LogConfig log) {
    public AgentConfig {
        sockets = List.copyOf(sockets);
        providers = List.copyOf(providers);
        workloads = List.copyOf(workloads);
    }

    /**
     * What is in force once a running agent has taken over a newly loaded configuration: {@link ReloadDiff#live} keys have their new values,
     * {@link ReloadDiff#restart} keys keep these.
     */
    public AgentConfig takingOver(AgentConfig loaded) {
        boolean sameStore = store().isSameAs(loaded.store());
        List<ProviderConfig> others =
                sameStore ? loaded.providers : providersWith(loaded.store().keys());
        return new AgentConfig(
                loaded.namespace,
                state,
                sockets,
                others,
                sameStore ? loaded.defaultProvider : defaultProvider,
                cache,
                DefaultRule.forProviders(others, loaded),
                new AdminConfig(admin.socket(), loaded.admin.reveal(), loaded.admin.roles()),
                audit,
                health,
                new LogConfig(loaded.log.level(), log.format()));
    }

    private List<ProviderConfig> providersWith(List<StoreKey> keys) {
        return providers.stream()
                .map(provider -> provider instanceof ProviderConfig.Store own
                        ? new ProviderConfig.Store(own.name(), own.naming(), keys)
                        : provider)
                .toList();
    }

    /** The embedded store. */
    public ProviderConfig.Store store() {
        return providers.stream()
                .filter(ProviderConfig.Store.class::isInstance)
                .map(ProviderConfig.Store.class::cast)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("a configuration without a store"));
    }
}
