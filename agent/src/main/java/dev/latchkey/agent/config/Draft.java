package dev.latchkey.agent.config;

import dev.latchkey.agent.policy.RuleLimits;
import dev.latchkey.agent.policy.Selector;
import dev.latchkey.agent.secret.EnvironmentName;
import dev.latchkey.agent.secret.NamingRule;
import dev.latchkey.agent.secret.ProjectName;
import dev.latchkey.agent.secret.Scope;
import dev.latchkey.agent.yaml.Located;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * What the file says, each value well formed by itself, with the places that are needed to report what does not fit together.
 *
 * @param sockets absent: the file says nothing of them
 * @param workloads absent: the file says nothing of them
 */
record Draft(
        ProjectName project,
        EnvironmentName environment,
        Optional<Path> state,
        Optional<Located<List<Located<Socket>>>> sockets,
        Optional<Located<List<NamedBy.Entry<Provider>>>> providers,
        Optional<Located<String>> defaultProvider,
        CacheConfig cache,
        Optional<List<Located<Workload>>> workloads,
        Admin admin,
        AuditConfig audit,
        HealthConfig health,
        LogConfig log) {

    /** One of {@code sockets}. */
    record Socket(
            Located<String> name, Located<Path> path, Optional<Integer> mode, Optional<Long> gid, boolean pidRequired) {
        SocketConfig config() {
            int byGroup = gid.isPresent() ? SocketConfig.OWNER_AND_GROUP : SocketConfig.OWNER_ONLY;
            return new SocketConfig(name.value(), path.value(), mode.orElse(byGroup), gid, pidRequired);
        }
    }

    /** One of {@code providers}, still without its name. */
    sealed interface Provider {
        /**
         * The store.
         *
         * @param keys of the folder of {@code agent.yaml}, where relative paths begin
         */
        record Store(NamingRule naming, Optional<List<Function<Path, StoreKey>>> keys) implements Provider {}

        /**
         * Any other.
         *
         * @param config of its name and the folder of {@code agent.yaml}, where relative paths begin
         */
        record Other(BiFunction<String, Path, ProviderConfig> config) implements Provider {}
    }

    /** One of {@code workloads}. */
    record Workload(Located<String> name, Located<Selectors> match, Patterns patterns, RuleLimits limits) {}

    /** What a workload may have. */
    record Patterns(
            List<Located<String>> allow,
            List<Located<String>> deny,
            List<Located<String>> injectAll,
            List<Scope> scopes) {}

    /**
     * The {@code match} of a workload.
     *
     * @param others those that need nothing else of the file to be understood
     * @param clean whether everything in it could be read, so that it may be compared with others
     */
    record Selectors(
            List<Located<String>> listeners, List<Located<Path>> tokenFiles, List<Selector> others, boolean clean) {}

    /** The {@code admin} section. */
    record Admin(
            Optional<Located<AdminConfig.AdminSocket>> socket,
            List<AdminConfig.Role> reveal,
            List<Located<Grant>> roles) {}

    /** One of {@code admin.roles}. */
    record Grant(Optional<Long> uid, Optional<Long> gid, AdminConfig.Role role) {}
}
