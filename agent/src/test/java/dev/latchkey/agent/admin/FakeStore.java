package dev.latchkey.agent.admin;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.secret.Environment;
import dev.latchkey.agent.secret.EnvironmentName;
import dev.latchkey.agent.secret.FoundSecret;
import dev.latchkey.agent.secret.Lookup;
import dev.latchkey.agent.secret.Namespace;
import dev.latchkey.agent.secret.NamingRule;
import dev.latchkey.agent.secret.OnExisting;
import dev.latchkey.agent.secret.Project;
import dev.latchkey.agent.secret.ProjectName;
import dev.latchkey.agent.secret.Scope;
import dev.latchkey.agent.secret.Secret;
import dev.latchkey.agent.secret.SecretPath;
import dev.latchkey.agent.secret.SecretStore;
import dev.latchkey.agent.secret.SecretValue;
import dev.latchkey.agent.secret.SecretVersion;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** A store in memory, with times that never move. */
public final class FakeStore implements SecretStore {
    public static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");

    /** The arrays that values came in, as they were lent: to be found zeroed afterwards. */
    public final List<byte[]> lent = new ArrayList<>();

    private final Map<ProjectName, Project> projects = new TreeMap<>();
    private final List<Environment> environments = new ArrayList<>();
    private final Map<SecretPath, Kept> secrets = new TreeMap<>();

    private static final class Kept {
        final List<Version> versions = new ArrayList<>();
        Optional<String> description = Optional.empty();
        Set<Scope> scopes = Set.of();
        Optional<Instant> deleted = Optional.empty();
    }

    private static final class Version {
        final byte[] bytes;
        Optional<Instant> expires;
        boolean disabled;

        Version(byte[] bytes, Optional<Instant> expires) {
            this.bytes = bytes;
            this.expires = expires;
        }
    }

    public FakeStore() {
        createProject(ProjectName.DEFAULT, NamingRule.ANY);
    }

    @Override
    public synchronized List<Project> projects() {
        return List.copyOf(projects.values());
    }

    @Override
    public synchronized Project createProject(ProjectName name, NamingRule naming) {
        if (projects.containsKey(name)) {
            throw new AgentException(FailureKind.ALREADY_EXISTS, "the project " + name + " is there already");
        }
        Project project = new Project(name, naming, NOW);
        projects.put(name, project);
        environments.add(new Environment(name, EnvironmentName.DEFAULT, NOW));
        return project;
    }

    @Override
    public synchronized void deleteProject(ProjectName name) {
        requireProject(name);
        if (secrets.keySet().stream().anyMatch(path -> path.project().equals(name))) {
            throw new AgentException(FailureKind.NOT_EMPTY, "the project " + name + " still has secrets");
        }
        projects.remove(name);
        environments.removeIf(environment -> environment.project().equals(name));
    }

    @Override
    public synchronized List<Environment> environments(ProjectName project) {
        requireProject(project);
        return environments.stream().filter(e -> e.project().equals(project)).toList();
    }

    @Override
    public synchronized Environment createEnvironment(ProjectName project, EnvironmentName name) {
        requireProject(project);
        Environment environment = new Environment(project, name, NOW);
        environments.add(environment);
        return environment;
    }

    @Override
    public synchronized void deleteEnvironment(ProjectName project, EnvironmentName name) {
        requireNamespace(new Namespace(project, name));
        environments.removeIf(e -> e.project().equals(project) && e.name().equals(name));
    }

    @Override
    public synchronized List<Secret> list(Namespace namespace) {
        requireNamespace(namespace);
        return secrets.keySet().stream()
                .filter(path -> path.namespace().equals(namespace))
                .map(this::show)
                .toList();
    }

    @Override
    public synchronized Secret show(SecretPath path) {
        Kept kept = kept(path);
        Optional<Long> current = current(kept);
        return new Secret(
                path,
                current,
                current.isPresent() && kept.versions.getLast().disabled,
                NOW,
                NOW,
                current.flatMap(n -> kept.versions.get((int) (n - 1)).expires),
                kept.deleted,
                new TreeSet<>(kept.scopes),
                kept.description);
    }

    @Override
    public synchronized List<SecretVersion> versions(SecretPath path) {
        Kept kept = kept(path);
        List<SecretVersion> versions = new ArrayList<>();
        for (int i = 0; i < kept.versions.size(); i++) {
            Version version = kept.versions.get(i);
            boolean isCurrent = current(kept).equals(Optional.of(i + 1L));
            versions.add(
                    new SecretVersion(i + 1L, NOW, version.expires, version.bytes.length, isCurrent, version.disabled));
        }
        return versions.stream()
                .sorted(Comparator.comparingLong(SecretVersion::number).reversed())
                .toList();
    }

    @Override
    public synchronized Written put(SecretPath path, SecretValue value, Details details, Optional<Instant> expires) {
        requireNamespace(path.namespace());
        boolean created = !secrets.containsKey(path);
        Kept kept = secrets.computeIfAbsent(path, _ -> new Kept());
        boolean revived = kept.deleted.isPresent();
        kept.deleted = Optional.empty();
        describe(kept, details);
        return add(
                kept,
                value,
                expires,
                created ? Written.Effect.CREATED : revived ? Written.Effect.REVIVED : Written.Effect.ADDED);
    }

    @Override
    public synchronized Imported importValue(SecretPath path, SecretValue value, OnExisting onExisting, boolean write) {
        requireNamespace(path.namespace());
        Kept kept = secrets.get(path);
        if (kept == null) {
            requireAllowed(path);
            Optional<Long> made = write
                    ? Optional.of(
                            put(path, value, Details.NONE, Optional.empty()).version())
                    : Optional.empty();
            return new Imported(made, Imported.Outcome.CREATED);
        }
        boolean same = kept.deleted.isEmpty()
                && value.<Boolean>leak(bytes -> Arrays.equals(kept.versions.getLast().bytes, bytes));
        if (same) {
            return new Imported(current(kept), Imported.Outcome.UNCHANGED);
        }
        return switch (onExisting) {
            case SKIP -> new Imported(current(kept), Imported.Outcome.SKIPPED);
            case FAIL -> new Imported(current(kept), Imported.Outcome.EXISTS);
            case NEW_VERSION ->
                new Imported(
                        write
                                ? Optional.of(put(path, value, Details.NONE, Optional.empty())
                                        .version())
                                : Optional.empty(),
                        Imported.Outcome.ADDED);
        };
    }

    private void requireAllowed(SecretPath path) {
        boolean refused = projects.values().stream()
                .anyMatch(project -> project.name().equals(path.project())
                        && !project.naming().allows(path.name()));
        if (refused) {
            throw new AgentException(FailureKind.BAD_NAME, path.name() + ": not a name here");
        }
    }

    @Override
    public synchronized Written rotate(SecretPath path, SecretValue value) {
        return add(live(path), value, Optional.empty(), Written.Effect.ADDED);
    }

    @Override
    public synchronized Written rollback(SecretPath path, long version) {
        byte[] bytes = version(path, version).bytes.clone();
        return add(live(path), SecretValue.owning(bytes), Optional.empty(), Written.Effect.ADDED);
    }

    @Override
    public synchronized void set(SecretPath path, Details details, Optional<Expiry> expires) {
        Kept kept = live(path);
        describe(kept, details);
        expires.ifPresent(expiry -> kept.versions.getLast().expires = switch (expiry) {
            case Expiry.At(Instant time) -> Optional.of(time);
            case Expiry.Never _ -> Optional.empty();
        });
    }

    @Override
    public synchronized void delete(SecretPath path) {
        live(path).deleted = Optional.of(NOW);
    }

    @Override
    public synchronized void restore(SecretPath path) {
        kept(path).deleted = Optional.empty();
    }

    @Override
    public synchronized void purge(SecretPath path, Optional<Long> version) {
        kept(path);
        secrets.remove(path);
    }

    @Override
    public synchronized void disable(SecretPath path, long version) {
        version(path, version).disabled = true;
    }

    @Override
    public synchronized void enable(SecretPath path, long version) {
        version(path, version).disabled = false;
    }

    @Override
    public synchronized Lookup find(SecretPath path, Optional<Long> version) {
        Kept kept = secrets.get(path);
        if (kept == null) {
            return new Lookup.Absent(notFound(path).failure());
        }
        long number = version.or(() -> current(kept)).orElseThrow();
        if (number > kept.versions.size()) {
            return new Lookup.Absent(Failure.of(FailureKind.VERSION_NOT_FOUND, path + " has no version " + number));
        }
        return new Lookup.Found(
                new Opened(number, kept.versions.get((int) number - 1).bytes.clone()));
    }

    private record Opened(
            long number,
            @SuppressWarnings("ArrayRecordComponent") byte[] bytes) implements FoundSecret {
        @Override
        public String version() {
            return Long.toString(number);
        }

        @Override
        public Optional<Instant> created() {
            return Optional.of(NOW);
        }

        @Override
        public Optional<Integer> size() {
            return Optional.of(bytes.length);
        }

        @Override
        public Set<Scope> scopes() {
            return Set.of();
        }

        @Override
        public SecretValue open() {
            return SecretValue.owning(bytes);
        }

        @Override
        public void close() {}
    }

    private Written add(Kept kept, SecretValue value, Optional<Instant> expires, Written.Effect effect) {
        byte[] bytes = value.leak(array -> {
            lent.add(array);
            return array.clone();
        });
        if (!kept.versions.isEmpty() && Arrays.equals(kept.versions.getLast().bytes, bytes)) {
            return new Written(kept.versions.size(), Written.Effect.UNCHANGED);
        }
        kept.versions.add(new Version(bytes, expires));
        return new Written(kept.versions.size(), effect);
    }

    private static void describe(Kept kept, Details details) {
        details.description().ifPresent(text -> kept.description = Optional.of(text));
        details.scopes().ifPresent(scopes -> kept.scopes = scopes);
    }

    private static Optional<Long> current(Kept kept) {
        return Optional.of((long) kept.versions.size()).filter(n -> n > 0);
    }

    private Version version(SecretPath path, long number) {
        Kept kept = live(path);
        if (number > kept.versions.size()) {
            throw new AgentException(FailureKind.VERSION_NOT_FOUND, path + " has no version " + number);
        }
        return kept.versions.get((int) number - 1);
    }

    private Kept live(SecretPath path) {
        Kept kept = kept(path);
        if (kept.deleted.isPresent()) {
            throw notFound(path);
        }
        return kept;
    }

    private Kept kept(SecretPath path) {
        requireNamespace(path.namespace());
        Kept kept = secrets.get(path);
        if (kept == null) {
            throw notFound(path);
        }
        return kept;
    }

    private static AgentException notFound(SecretPath path) {
        return new AgentException(
                FailureKind.SECRET_NOT_FOUND,
                path.name() + " is not in " + path.namespace(),
                "'agent secret list' lists what is");
    }

    private void requireProject(ProjectName name) {
        if (!projects.containsKey(name)) {
            throw new AgentException(
                    FailureKind.UNKNOWN_PROJECT, "there is no project " + name, "'agent project create' makes one");
        }
    }

    private void requireNamespace(Namespace namespace) {
        requireProject(namespace.project());
        if (environments.stream()
                .noneMatch(
                        e -> e.project().equals(namespace.project()) && e.name().equals(namespace.environment()))) {
            throw new AgentException(
                    FailureKind.UNKNOWN_ENVIRONMENT,
                    "there is no environment " + namespace,
                    "'agent environment create' makes one");
        }
    }
}
