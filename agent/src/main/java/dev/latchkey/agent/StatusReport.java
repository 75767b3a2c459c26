package dev.latchkey.agent;

import dev.latchkey.agent.admin.StatusSource;
import dev.latchkey.agent.admin.view.StatusView;
import dev.latchkey.agent.admin.view.StatusView.CacheView;
import dev.latchkey.agent.admin.view.StatusView.LeasesView;
import dev.latchkey.agent.admin.view.StatusView.ProbeView;
import dev.latchkey.agent.admin.view.StatusView.ProviderView;
import dev.latchkey.agent.admin.view.StatusView.StoreView;
import dev.latchkey.agent.config.AgentConfig;
import dev.latchkey.agent.config.ProviderConfig;
import dev.latchkey.agent.config.RunPlaces;
import dev.latchkey.agent.config.StoreKey;
import dev.latchkey.agent.consumers.Consumers;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.health.Readiness;
import dev.latchkey.agent.memory.LockedMemory;
import dev.latchkey.agent.secret.Environment;
import dev.latchkey.agent.secret.Namespace;
import dev.latchkey.agent.secret.Project;
import dev.latchkey.agent.secret.SecretStore;
import dev.latchkey.agent.secret.StoreCustody;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * What {@code agent status} tells.
 *
 * @param started when the agent began to serve
 * @param config the one in force
 * @param probes of the machine, made at the start
 */
record StatusReport(
        String version,
        Instant started,
        InstantSource clock,
        RunPlaces places,
        Supplier<AgentConfig> config,
        Readiness readiness,
        SecretStore store,
        StoreCustody custody,
        LockedMemory memory,
        Backends backends,
        Consumers consumers,
        List<ProbeView> probes)
        implements StatusSource {
    private static final String OK = "ok";
    private static final String WARNING = "warning";

    @Override
    public StatusView status() {
        Optional<StoreView> view = countStore();
        return new StatusView(
                readiness.state() == Readiness.State.READY,
                version,
                Duration.between(started, clock.instant()),
                places.sockets().getFirst().path().toString(),
                view.orElseGet(() -> new StoreView("sqlite", places.state().toString(), 0, 0)),
                config.get().providers().stream()
                        .map(provider -> provider(provider, view.isPresent()))
                        .toList(),
                backends.counts().map(c -> new CacheView(c.entries(), c.hits(), c.misses(), c.stale())),
                Optional.of((long) consumers.count()),
                Stream.of(probes.stream(), Stream.of(locked()), keyBesideState(), keysAway(), namespace(), untracked())
                        .flatMap(all -> all)
                        .toList());
    }

    private ProviderView provider(ProviderConfig provider, boolean storeAnswers) {
        boolean down = provider instanceof ProviderConfig.Store && !storeAnswers;
        String state = backends.state(provider.name()).orElseGet(() -> down ? "unavailable" : local(provider));
        return new ProviderView(
                provider.name(),
                provider.type(),
                state,
                backends.leases(provider.name())
                        .map(leases -> new LeasesView(leases.count(), leases.held(), leases.nextRenewal())));
    }

    /** Nothing is remembered of a provider that reads this machine's files, so they are looked at now. */
    static String local(ProviderConfig provider) {
        return switch (provider) {
            case ProviderConfig.Files files -> readable("folder", files.root(), Files.isDirectory(files.root()));
            case ProviderConfig.Dotenv dotenv -> readable("file", dotenv.path(), Files.isRegularFile(dotenv.path()));
            case ProviderConfig.BruinFile bruin -> readable("file", bruin.path(), Files.isRegularFile(bruin.path()));
            case ProviderConfig.Documents documents ->
                readable("file", documents.path(), Files.isRegularFile(documents.path()));
            default -> OK;
        };
    }

    private static String readable(String what, Path path, boolean there) {
        if (!there) {
            return "unavailable: there is no " + what + " " + path;
        }
        return Files.isReadable(path) ? OK : "unavailable: the " + what + " " + path + " cannot be read";
    }

    /** Absent if the store cannot be read, which must not keep the rest from being told. */
    private Optional<StoreView> countStore() {
        try {
            List<Project> projects = store.projects();
            long secrets = projects.stream()
                    .flatMap(project -> store.environments(project.name()).stream())
                    .mapToLong(this::count)
                    .sum();
            return Optional.of(new StoreView("sqlite", places.state().toString(), projects.size(), secrets));
        } catch (AgentException e) {
            return Optional.empty();
        }
    }

    private long count(Environment environment) {
        return store.list(new Namespace(environment.project(), environment.name())).stream()
                .filter(secret -> secret.deleted().isEmpty())
                .count();
    }

    /** Asked each time, for a limit may be reached only later. */
    private ProbeView locked() {
        return memory.failure()
                .map(
                        reason -> warning(
                                "locked-memory",
                                reason
                                        + "; raise LimitMEMLOCK= of the unit or 'ulimit -l' of the shell, or grant CAP_IPC_LOCK"))
                .orElseGet(() -> ok("locked-memory", "keys and values cannot be swapped out"));
    }

    /** A backup of the state folder with its key file is the secrets. */
    private Stream<ProbeView> keyBesideState() {
        return config.get().store().keys().stream()
                .filter(StoreKey.KeyFile.class::isInstance)
                .map(key -> places.inState(((StoreKey.KeyFile) key).path()))
                .filter(this::sharesFileSystem)
                .map(file -> warning(
                        "key-place",
                        file + " is on the file system of the state: a copy of both is a copy of the secrets"));
    }

    private Stream<ProbeView> keysAway() {
        return custody.keysAway().stream()
                .map(key -> warning("store-key", key.kind() + " cannot be used: " + key.problem()));
    }

    /** Names without a project are looked for there, and until it exists none is found. */
    private Stream<ProbeView> namespace() {
        Namespace defaults = config.get().namespace();
        try {
            boolean there = store.environments(defaults.project()).stream()
                    .anyMatch(environment -> environment.name().equals(defaults.environment()));
            return there
                    ? Stream.empty()
                    : Stream.of(missing(
                            defaults,
                            "agent environment create " + defaults.environment() + " --project " + defaults.project()));
        } catch (AgentException e) {
            return e.kind() == FailureKind.UNKNOWN_PROJECT
                    ? Stream.of(missing(defaults, "agent project create " + defaults.project()))
                    : Stream.empty();
        }
    }

    private static ProbeView missing(Namespace defaults, String command) {
        return warning(
                "namespace", defaults + " of the configuration does not exist in the store; make it with: " + command);
    }

    private Stream<ProbeView> untracked() {
        long count = consumers.untracked();
        return count == 0
                ? Stream.empty()
                : Stream.of(warning(
                        "untracked",
                        count
                                + " deliveries went to processes that could not be followed; each needs a file descriptor: raise"
                                + " LimitNOFILE= of the unit or 'ulimit -n' of the shell"));
    }

    private boolean sharesFileSystem(Path file) {
        try {
            return device(file).equals(device(places.state()));
        } catch (IOException e) {
            // A key on a medium that is gone by now is not beside the state.
            return false;
        }
    }

    private static Object device(Path file) throws IOException {
        return Files.getAttribute(file, "unix:dev");
    }

    static ProbeView ok(String name, String detail) {
        return new ProbeView(name, OK, Optional.of(detail));
    }

    static ProbeView warning(String name, String detail) {
        return new ProbeView(name, WARNING, Optional.of(detail));
    }
}
