package dev.latchkey.agent.injection;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.injection.Judged.Cleared;
import dev.latchkey.agent.secret.FoundSecret;
import dev.latchkey.agent.secret.Freshness;
import dev.latchkey.agent.secret.Lookup;
import dev.latchkey.agent.secret.Scope;
import dev.latchkey.agent.secret.SecretLocation;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The look-ups of one request. Each version is looked up once, so that two fields of one secret come from the same version. Closing it
 * closes whatever was found.
 */
final class Resolution implements AutoCloseable {
    private final Map<Key, Lookup> lookups = new HashMap<>();
    private final Freshness freshness;
    private final boolean variables;

    /** For variables. */
    Resolution() {
        this(Freshness.CONFIGURED, true);
    }

    /**
     * @param variables what is found must fit into one
     */
    Resolution(Freshness freshness, boolean variables) {
        this.freshness = freshness;
        this.variables = variables;
    }

    /** Looks up every binding that is cleared, also where others are not, so that all failures can be told. */
    List<Resolved> lookUp(List<Judged> judged, Suggestions suggestions) {
        List<Resolved> all = new ArrayList<>(judged.size());
        for (Judged binding : judged) {
            all.add(
                    switch (binding) {
                        case Judged.Stopped stopped -> new Resolved.Failed(stopped, stopped.failure());
                        case Cleared cleared -> suggestions.improve(resolve(cleared));
                    });
        }
        return all;
    }

    @Override
    public void close() {
        for (Lookup lookup : lookups.values()) {
            if (lookup instanceof Lookup.Found(FoundSecret secret)) {
                secret.close();
            }
        }
    }

    private Resolved resolve(Cleared cleared) {
        Key key = new Key(cleared.location(), cleared.reference().version());
        return switch (lookups.computeIfAbsent(key, k -> find(cleared))) {
            // SECURITY: an `optional` or a default must not tell about the versions of what the rule may not have.
            case Lookup.Absent(Failure failure, Set<Scope> scopes) ->
                cleared.decision().permits(scopes) ? Resolved.absent(cleared, failure) : scopeDenied(cleared);
            case Lookup.Found(FoundSecret secret) -> checked(cleared, secret);
        };
    }

    private Lookup find(Cleared cleared) {
        try {
            return cleared.provider()
                    .find(cleared.location(), cleared.reference().version(), freshness);
        } catch (AgentException cannotAnswer) {
            return new Lookup.Absent(cannotAnswer.failure());
        }
    }

    private Resolved checked(Cleared cleared, FoundSecret secret) {
        if (!cleared.decision().permits(secret.scopes())) {
            return scopeDenied(cleared);
        }
        boolean tooLong = variables && Sizes.exact(cleared, secret).orElse(0) > Sizes.room(cleared);
        return tooLong ? new Resolved.Failed(cleared, Sizes.tooLong()) : new Resolved.Found(cleared, secret);
    }

    private static Resolved scopeDenied(Cleared cleared) {
        return new Resolved.Failed(
                cleared,
                Failure.of(
                        FailureKind.SCOPE_DENIED,
                        "denied by policy: the secret is for scopes that the rule does not have",
                        "the agent's operator sets the scopes of secrets and rules"));
    }

    private record Key(SecretLocation location, Optional<String> version) {}
}
