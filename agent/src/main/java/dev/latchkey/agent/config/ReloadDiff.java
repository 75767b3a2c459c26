package dev.latchkey.agent.config;

import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * What changed between the configuration in force and a newly loaded one.
 *
 * @param live keys that the running agent takes over
 * @param restart keys whose change waits for the next start; until then the old value stays in force
 */
public record ReloadDiff(List<String> live, List<String> restart) {
    private static final List<Part> PARTS = List.of(
            new Part("", Keys.PROJECT, c -> c.namespace().project()),
            new Part("", Keys.ENVIRONMENT, c -> c.namespace().environment()),
            new Part("", Keys.STATE, AgentConfig::state),
            new Part("", Keys.SOCKETS, AgentConfig::sockets),
            new Part("", Keys.PROVIDERS, ReloadDiff::providersButKeys),
            new Part("providers.store", ProviderKeys.STORE_KEY, c -> c.store().keys()),
            new Part("", Keys.DEFAULT_PROVIDER, AgentConfig::defaultProvider),
            new Part("", Keys.CACHE, AgentConfig::cache),
            new Part("", Keys.WORKLOADS, AgentConfig::workloads),
            new Part("admin", Keys.ADMIN_SOCKET, c -> c.admin().socket()),
            new Part("admin", Keys.REVEAL, c -> c.admin().reveal()),
            new Part("admin", Keys.ROLES, c -> c.admin().roles()),
            new Part("", Keys.AUDIT_KEY, AgentConfig::audit),
            new Part("", Keys.HEALTH_KEY, AgentConfig::health),
            new Part("log", Keys.LOG_LEVEL, c -> c.log().level()),
            new Part("log", Keys.LOG_FORMAT, c -> c.log().format()));

    /** An open store cannot be changed, and providers are taken over together with it or not at all. */
    private static final List<Key<?>> OF_PROVIDERS = List.of(Keys.PROVIDERS, Keys.DEFAULT_PROVIDER);

    public ReloadDiff {
        live = List.copyOf(live);
        restart = List.copyOf(restart);
    }

    public static ReloadDiff between(AgentConfig inForce, AgentConfig loaded) {
        List<Part> changed = PARTS.stream()
                .filter(part -> !part.value.apply(inForce).equals(part.value.apply(loaded)))
                .toList();
        boolean sameStore = inForce.store().isSameAs(loaded.store());
        Predicate<Part> waits = part -> part.key.restart() || (!sameStore && OF_PROVIDERS.contains(part.key));
        return new ReloadDiff(names(changed, waits.negate()), names(changed, waits));
    }

    private static List<Object> providersButKeys(AgentConfig config) {
        return config.providers().stream()
                .<Object>map(provider ->
                        provider instanceof ProviderConfig.Store own ? List.of(own.name(), own.naming()) : provider)
                .toList();
    }

    public boolean isEmpty() {
        return live.isEmpty() && restart.isEmpty();
    }

    /** The names of all keys that are compared. */
    static List<String> comparedKeys() {
        return names(PARTS, _ -> true);
    }

    private static List<String> names(List<Part> parts, Predicate<Part> wanted) {
        return parts.stream()
                .filter(wanted)
                .map(part -> Section.join(part.section, part.key.name()))
                .toList();
    }

    /** A key and what it became. */
    private record Part(String section, Key<?> key, Function<AgentConfig, Object> value) {}
}
