package dev.latchkey.agent.provider.store;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.secret.EnvironmentName;
import dev.latchkey.agent.secret.Lookup;
import dev.latchkey.agent.secret.NameSource;
import dev.latchkey.agent.secret.Namespace;
import dev.latchkey.agent.secret.ProjectName;
import dev.latchkey.agent.secret.Scope;
import dev.latchkey.agent.secret.Secret;
import dev.latchkey.agent.secret.SecretListing;
import dev.latchkey.agent.secret.SecretLocation;
import dev.latchkey.agent.secret.SecretName;
import dev.latchkey.agent.secret.SecretPath;
import dev.latchkey.agent.secret.SecretProvider;
import dev.latchkey.agent.secret.SecretReference;
import dev.latchkey.agent.secret.SecretStore;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/** Resolves references to secrets of the store. */
public final class StoreProvider implements SecretProvider, NameSource, SecretListing {
    private static final int LONGEST_VERSION = 18;
    private static final int MOST_PATHS = 1_024;

    private final String name;
    private final SecretStore store;
    private final Map<String, SecretPath> paths = new ConcurrentHashMap<>();

    public StoreProvider(String name, SecretStore store) {
        this.name = name;
        this.store = store;
    }

    @Override
    public String name() {
        return name;
    }

    /**
     * @throws AgentException of kind {@code BAD_NAME}, or {@code BAD_REFERENCE} for a version that is no positive integer
     */
    @Override
    public SecretLocation locate(SecretReference reference, Namespace defaults) {
        return locate(name, reference, defaults);
    }

    static SecretLocation locate(String name, SecretReference reference, Namespace defaults) {
        reference.version().ifPresent(StoreProvider::versionNumber);
        return new SecretLocation(name, path(reference.path(), defaults).toString());
    }

    @Override
    public boolean hasScopes() {
        return true;
    }

    @Override
    public Lookup find(SecretLocation location, Optional<String> version) {
        SecretPath path = pathOf(location);
        Lookup found = store.find(path, version.map(StoreProvider::versionNumber));
        return switch (found) {
            case Lookup.Found there -> there;
            case Lookup.Absent(Failure failure, Set<Scope> scopes) ->
                new Lookup.Absent(inOurWords(failure, path, version), scopes);
        };
    }

    @Override
    public boolean isAtHand(SecretLocation location, Optional<String> version) {
        return store.isAtHand(pathOf(location), version.map(StoreProvider::versionNumber));
    }

    @Override
    public List<Sibling> siblings(SecretLocation location) {
        return store.list(pathOf(location).namespace()).stream()
                .filter(secret -> isServed(secret))
                .map(this::sibling)
                .toList();
    }

    /** A project and an environment that are written out are the only ones; otherwise there may be any. */
    @Override
    public List<Sibling> candidates(String pattern) {
        List<String> segments = List.of(pattern.split("/", -1));
        Stream<Namespace> places = segments.size() == 3
                        && !segments.get(0).contains("*")
                        && !segments.get(1).contains("*")
                ? Stream.of(new Namespace(new ProjectName(segments.get(0)), new EnvironmentName(segments.get(1))))
                        .filter(this::exists)
                : store.projects().stream()
                        .flatMap(project -> store.environments(project.name()).stream()
                                .map(environment -> new Namespace(project.name(), environment.name())));
        return places.flatMap(place -> store.list(place).stream())
                .filter(StoreProvider::isServed)
                .map(this::sibling)
                .toList();
    }

    private boolean exists(Namespace place) {
        return store.projects().stream().anyMatch(project -> project.name().equals(place.project()))
                && store.environments(place.project()).stream()
                        .anyMatch(environment -> environment.name().equals(place.environment()));
    }

    private static boolean isServed(Secret secret) {
        return secret.deleted().isEmpty() && secret.version().isPresent() && !secret.disabled();
    }

    private Sibling sibling(Secret secret) {
        SecretPath path = secret.path();
        return new Sibling(
                new SecretLocation(name, path.toString()), path.name().text(), secret.scopes());
    }

    /** A version that is missing is said in the words of the reference; all else the store knows best. */
    private static Failure inOurWords(Failure failure, SecretPath path, Optional<String> version) {
        return switch (failure.kind()) {
            case VERSION_NOT_FOUND ->
                Failure.of(
                        failure.kind(),
                        version.map(v -> "version " + v + " not found in ").orElse("no version found in ")
                                + path.namespace(),
                        "`agent secret versions " + arguments(path) + "` lists what there is");
            default -> failure;
        };
    }

    private static String arguments(SecretPath path) {
        return path.namespace().equals(Namespace.DEFAULT)
                ? path.name().text()
                : path.name() + " --project " + path.project() + " --environment " + path.environment();
    }

    /** One location is asked for again and again, and taken apart once. */
    private SecretPath pathOf(SecretLocation location) {
        SecretPath known = paths.get(location.path());
        if (known != null) {
            return known;
        }
        SecretPath path = path(location.path(), Namespace.DEFAULT);
        if (paths.size() >= MOST_PATHS) {
            paths.clear();
        }
        paths.put(location.path(), path);
        return path;
    }

    private static SecretPath path(String text, Namespace defaults) {
        List<String> segments = List.of(text.split("/", -1));
        return switch (segments.size()) {
            case 1 -> new SecretPath(defaults, new SecretName(text));
            case 3 ->
                new SecretPath(
                        new Namespace(new ProjectName(segments.get(0)), new EnvironmentName(segments.get(1))),
                        new SecretName(segments.get(2)));
            default ->
                throw new AgentException(
                        FailureKind.BAD_NAME,
                        "a path of " + segments.size() + " segments names no secret of the store",
                        "write NAME or PROJECT/ENVIRONMENT/NAME");
        };
    }

    private static long versionNumber(String version) {
        boolean digits = version.chars().allMatch(c -> c >= '0' && c <= '9');
        if (!digits || version.length() > LONGEST_VERSION || version.startsWith("0")) {
            throw new AgentException(
                    FailureKind.BAD_REFERENCE,
                    "a version of the store is a positive integer",
                    "the versions of a secret are 1, 2, 3 and so on");
        }
        return Long.parseLong(version);
    }

    /** Of one environment: names that are served. */
    @Override
    public Page list(String prefix, Optional<String> from, Duration within) {
        List<String> segments = List.of(prefix.split("/", -1));
        if (segments.size() != 3 || !segments.getLast().isEmpty()) {
            throw new AgentException(
                    FailureKind.BAD_ARGUMENT,
                    "what is listed of " + name + " is one environment",
                    "write " + name + ":PROJECT/ENVIRONMENT/");
        }
        Namespace place = new Namespace(new ProjectName(segments.get(0)), new EnvironmentName(segments.get(1)));
        return Page.whole(store.list(place).stream()
                .filter(StoreProvider::isServed)
                .map(secret -> secret.path().toString())
                .toList());
    }
}
