package dev.latchkey.agent.admin;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.secret.EnvironmentName;
import dev.latchkey.agent.secret.Namespace;
import dev.latchkey.agent.secret.ProjectName;
import dev.latchkey.agent.secret.SecretLocation;
import dev.latchkey.agent.secret.SecretName;
import dev.latchkey.agent.secret.SecretPath;
import java.util.Optional;

/** The versions of a store; of the provider {@code vault} the current one is always 7, and of others none is known. */
public record FakeVersions(FakeStore store) implements CurrentVersions {
    @Override
    public SecretLocation locate(String reference, Namespace defaults) {
        if (reference.contains("@")) {
            throw new AgentException(FailureKind.BAD_ARGUMENT, "consumers are those of a secret as a whole");
        }
        String[] parts = reference.split(":", 2);
        return parts.length == 2
                ? new SecretLocation(parts[0], parts[1])
                : new SecretLocation("store", new SecretPath(defaults, new SecretName(reference)).toString());
    }

    @Override
    public SecretLocation prefix(Namespace place) {
        store.list(place);
        return new SecretLocation("store", place + "/");
    }

    @Override
    public Optional<String> of(SecretLocation location) {
        return switch (location.provider()) {
            case "store" -> store.show(path(location)).version().map(String::valueOf);
            case "vault" -> Optional.of("7");
            default -> Optional.empty();
        };
    }

    private static SecretPath path(SecretLocation location) {
        String[] segments = location.path().split("/", 3);
        return new SecretPath(
                new Namespace(new ProjectName(segments[0]), new EnvironmentName(segments[1])),
                new SecretName(segments[2]));
    }
}
