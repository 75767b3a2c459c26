package dev.latchkey.agent;

import dev.latchkey.agent.admin.CurrentVersions;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.reference.ReferenceParser;
import dev.latchkey.agent.secret.EnvironmentName;
import dev.latchkey.agent.secret.Namespace;
import dev.latchkey.agent.secret.ProjectName;
import dev.latchkey.agent.secret.Secret;
import dev.latchkey.agent.secret.SecretLocation;
import dev.latchkey.agent.secret.SecretName;
import dev.latchkey.agent.secret.SecretPath;
import dev.latchkey.agent.secret.SecretReference;
import dev.latchkey.agent.secret.SecretReference.Absence;
import dev.latchkey.agent.secret.SecretStore;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** What the store has now, and of an outside system what the cache has of it: a version that was delivered came through the cache. */
record VersionsInForce(SecretStore store, Backends backends, Supplier<InForce> inForce) implements CurrentVersions {
    @Override
    public SecretLocation locate(String text, Namespace defaults) {
        SecretReference reference = ReferenceParser.parse(text);
        boolean whole = reference.version().isEmpty()
                && reference.field().isEmpty()
                && reference.decode().isEmpty()
                && reference.encode().isEmpty()
                && reference.absence() instanceof Absence.Fails;
        if (!whole) {
            throw new AgentException(
                    FailureKind.BAD_ARGUMENT,
                    "consumers are those of a secret as a whole",
                    "leave out the version, the field and the options");
        }
        return inForce.get().settings().providers().locate(reference, defaults);
    }

    @Override
    public SecretLocation prefix(Namespace place) {
        boolean exists = store.environments(place.project()).stream()
                .anyMatch(environment -> environment.name().equals(place.environment()));
        if (!exists) {
            // In the words that the store has for it.
            store.list(place);
        }
        return new SecretLocation(ours(), place + "/");
    }

    @Override
    public Optional<String> of(SecretLocation location) {
        if (!location.provider().equals(ours())) {
            return backends.keptVersion(location);
        }
        Secret secret = store.show(path(location));
        return secret.deleted().isPresent()
                ? Optional.empty()
                : secret.version().map(String::valueOf);
    }

    private String ours() {
        return inForce.get().config().store().name();
    }

    private static SecretPath path(SecretLocation location) {
        List<String> segments = List.of(location.path().split("/", -1));
        return new SecretPath(
                new Namespace(new ProjectName(segments.get(0)), new EnvironmentName(segments.get(1))),
                new SecretName(segments.get(2)));
    }
}
