package dev.latchkey.agent;

import dev.latchkey.agent.admin.OutsideSecrets;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.injection.Providers;
import dev.latchkey.agent.secret.Freshness;
import dev.latchkey.agent.secret.Lookup;
import dev.latchkey.agent.secret.Namespace;
import dev.latchkey.agent.secret.SecretListing;
import dev.latchkey.agent.secret.SecretLocation;
import dev.latchkey.agent.secret.SecretProvider;
import dev.latchkey.agent.secret.SecretReference;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What the configured providers have, for operators who import it.
 *
 * @param inForce is asked for each time, since a reload can change it
 */
record ProviderSecrets(Supplier<Providers> inForce) implements OutsideSecrets {
    private static final int MOST = 10_000;
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Freshness RECENT = new Freshness(Optional.of(Duration.ofMinutes(1)), false);

    @Override
    public List<String> list(String name, String prefix) {
        if (!(inForce.get().named(name) instanceof SecretListing listing)) {
            throw new AgentException(
                    FailureKind.BAD_ARGUMENT,
                    name + " cannot tell which secrets it has",
                    "write them as a file, and import that");
        }
        requirePlain(prefix);
        List<String> found = new ArrayList<>();
        Deque<String> waiting = new ArrayDeque<>(List.of(prefix));
        int asked = 0;
        while (!waiting.isEmpty()) {
            for (String path : listing.list(waiting.removeFirst(), PATIENCE)) {
                (path.endsWith("/") ? waiting : found).add(path);
            }
            asked++;
            if (found.size() > MOST || asked + waiting.size() > MOST) {
                throw new AgentException(
                        FailureKind.BAD_ARGUMENT,
                        "more than " + MOST + " secrets or folders are below that prefix",
                        "import a part of them, with a longer prefix");
            }
        }
        return found;
    }

    /** SECURITY: the prefix becomes a part of what backends are asked for. */
    private static void requirePlain(String prefix) {
        List<String> parts = List.of(prefix.split("/", -1));
        boolean plain = parts.getLast().isEmpty()
                && parts.subList(0, parts.size() - 1).stream()
                        .noneMatch(part -> part.isEmpty() || part.equals(".") || part.equals(".."));
        if (!plain) {
            throw new AgentException(
                    FailureKind.BAD_ARGUMENT,
                    "a prefix ends with '/' and has no empty part, '.' or '..'",
                    "write it as in vault:apps/, or vault: for everything");
        }
    }

    @Override
    public Lookup find(Source source) {
        SecretProvider provider = inForce.get().named(source.provider());
        SecretReference reference = new SecretReference(
                Optional.of(source.provider()),
                source.path(),
                List.of(),
                Optional.empty(),
                new SecretReference.Absence.Fails(),
                Optional.empty(),
                Optional.empty());
        SecretLocation location = provider.locate(reference, Namespace.DEFAULT);
        return provider.find(location, Optional.empty(), RECENT);
    }
}
