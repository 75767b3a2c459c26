package dev.latchkey.agent.provider.documents;

import dev.latchkey.agent.backend.file.OperatorsFile;
import dev.latchkey.agent.config.ProviderConfig;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.secret.HeldSecret;
import dev.latchkey.agent.secret.Lookup;
import dev.latchkey.agent.secret.NameSource;
import dev.latchkey.agent.secret.Namespace;
import dev.latchkey.agent.secret.SecretListing;
import dev.latchkey.agent.secret.SecretLocation;
import dev.latchkey.agent.secret.SecretProvider;
import dev.latchkey.agent.secret.SecretReference;
import dev.latchkey.agent.secret.SecretValue;
import dev.latchkey.agent.yaml.Node;
import dev.latchkey.agent.yaml.Problems;
import dev.latchkey.agent.yaml.YamlReader;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The entries of the {@code secrets:} map of one file. */
public final class DocumentsProvider implements SecretProvider, NameSource, SecretListing {
    private static final String SECRETS = "secrets";

    private final ProviderConfig.Documents config;
    private final Surroundings surroundings;

    /**
     * What references in the file mean.
     *
     * @param store looks secrets of the store up
     * @param defaults where names of the store without project and environment live
     */
    public record Surroundings(Map<String, String> environment, SecretProvider store, Namespace defaults) {
        public Surroundings {
            environment = Map.copyOf(environment);
        }
    }

    public DocumentsProvider(ProviderConfig.Documents config, Surroundings surroundings) {
        this.config = config;
        this.surroundings = surroundings;
    }

    @Override
    public String name() {
        return config.name();
    }

    @Override
    public SecretLocation locate(SecretReference reference, Namespace defaults) {
        reference.requireNoVersion(config.name());
        return new SecretLocation(config.name(), reference.path());
    }

    @Override
    public Lookup find(SecretLocation location, Optional<String> version) {
        OperatorsFile file = OperatorsFile.read(config.path());
        Map<String, Node> entries = entries(file);
        if (!entries.containsKey(location.path())) {
            return new Lookup.Absent(Failure.of(FailureKind.SECRET_NOT_FOUND, "not found in " + config.name()));
        }
        EntryResolver resolver = new EntryResolver(config.path(), entries, surroundings);
        Optional<SecretValue> value = resolver.resolve(location.path());
        HeldSecret.Facts facts =
                new HeldSecret.Facts(file.changed().toString(), Optional.of(file.changed()), Optional.empty());
        return value.<Lookup>map(found -> new Lookup.Found(HeldSecret.of(facts, found)))
                .orElseGet(() -> new Lookup.Absent(resolver.failure()));
    }

    @Override
    public List<Sibling> siblings(SecretLocation location) {
        return names().map(path -> new Sibling(new SecretLocation(config.name(), path), path, Set.of()))
                .toList();
    }

    @Override
    public Page list(String prefix, Optional<String> from, Duration within) {
        return Page.whole(names().filter(path -> path.startsWith(prefix)).toList());
    }

    private Stream<String> names() {
        return entries(OperatorsFile.read(config.path())).keySet().stream();
    }

    private Map<String, Node> entries(OperatorsFile file) {
        Problems problems = new Problems();
        Optional<Node> root = YamlReader.read(file.content(), problems);
        if (problems.count() > 0) {
            throw new AgentException(
                    FailureKind.PROVIDER_MALFORMED,
                    problems.all().stream()
                            .map(problem -> problem.text(config.path().toString()))
                            .collect(Collectors.joining("; ")));
        }
        Optional<Node> secrets = root.flatMap(DocumentsProvider::secrets);
        if (!(secrets.orElse(null) instanceof Node.Mapping map)) {
            throw malformed("has no mapping '" + SECRETS + "'");
        }
        Map<String, Node> entries = new LinkedHashMap<>();
        map.entries().forEach(entry -> entries.put(entry.key(), entry.value()));
        return entries;
    }

    private static Optional<Node> secrets(Node root) {
        return root instanceof Node.Mapping map
                ? map.entries().stream()
                        .filter(entry -> entry.key().equals(SECRETS))
                        .map(Node.Entry::value)
                        .findFirst()
                : Optional.empty();
    }

    private AgentException malformed(String what) {
        return new AgentException(Failure.of(FailureKind.PROVIDER_MALFORMED, config.path() + " " + what));
    }
}
