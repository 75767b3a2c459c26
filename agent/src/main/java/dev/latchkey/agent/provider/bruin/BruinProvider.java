package dev.latchkey.agent.provider.bruin;

import dev.latchkey.agent.backend.file.OperatorsFile;
import dev.latchkey.agent.config.ProviderConfig;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.provider.bruin.Connections.Connection;
import dev.latchkey.agent.secret.HeldSecret;
import dev.latchkey.agent.secret.Lookup;
import dev.latchkey.agent.secret.NameSource;
import dev.latchkey.agent.secret.Namespace;
import dev.latchkey.agent.secret.SecretListing;
import dev.latchkey.agent.secret.SecretLocation;
import dev.latchkey.agent.secret.SecretProvider;
import dev.latchkey.agent.secret.SecretReference;
import dev.latchkey.agent.secret.SecretValue;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The connections of one environment of a {@code .bruin.yml}. */
public final class BruinProvider implements SecretProvider, NameSource, SecretListing {
    private final ProviderConfig.BruinFile config;
    private final Rendering rendering;

    public BruinProvider(ProviderConfig.BruinFile config, Map<String, String> environment) {
        this.config = config;
        this.rendering = new Rendering(Map.copyOf(environment));
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
        try {
            return connections(file)
                    .find(location.path())
                    .<Lookup>map(connection -> found(connection, file))
                    .orElseGet(() -> new Lookup.Absent(
                            Failure.of(FailureKind.SECRET_NOT_FOUND, "not found in " + config.name())));
        } catch (AgentException e) {
            return new Lookup.Absent(e.failure());
        }
    }

    @Override
    public List<Sibling> siblings(SecretLocation location) {
        return connections(OperatorsFile.read(config.path()))
                .all()
                .map(Connection::name)
                .map(path -> new Sibling(new SecretLocation(config.name(), path), path, Set.of()))
                .toList();
    }

    private Lookup.Found found(Connection connection, OperatorsFile file) {
        HeldSecret.Facts facts = new HeldSecret.Facts(
                file.changed().toString(), Optional.of(file.changed()), Optional.of(connection.type()));
        return new Lookup.Found(HeldSecret.of(facts, SecretValue.owning(rendering.bytes(connection))));
    }

    private Connections connections(OperatorsFile file) {
        String path = config.path().toString();
        return Connections.of(BruinYaml.read(file.content(), path), config.environment(), path);
    }

    @Override
    public Page list(String prefix, Optional<String> from, Duration within) {
        return Page.whole(connections(OperatorsFile.read(config.path()))
                .all()
                .map(Connection::name)
                .filter(path -> path.startsWith(prefix))
                .toList());
    }
}
