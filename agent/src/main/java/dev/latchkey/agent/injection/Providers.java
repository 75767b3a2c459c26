package dev.latchkey.agent.injection;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.secret.NameSource;
import dev.latchkey.agent.secret.Namespace;
import dev.latchkey.agent.secret.SecretLocation;
import dev.latchkey.agent.secret.SecretProvider;
import dev.latchkey.agent.secret.SecretReference;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The providers of the configuration by their names, and the one for references that name none. */
public final class Providers {
    private final Map<String, SecretProvider> byName;
    private final SecretProvider standard;

    /**
     * @param standard the name of one of them
     */
    public Providers(List<SecretProvider> providers, String standard) {
        this.byName = providers.stream()
                .collect(Collectors.toMap(
                        SecretProvider::name, Function.identity(), Providers::refuseTwo, TreeMap::new));
        SecretProvider found = byName.get(standard);
        if (found == null) {
            throw new IllegalStateException("the default provider is not configured: " + standard);
        }
        this.standard = found;
    }

    private Providers(Map<String, SecretProvider> byName, SecretProvider standard) {
        this.byName = byName;
        this.standard = standard;
    }

    /**
     * The same with another one for references that name none.
     *
     * @throws AgentException of kind {@code UNKNOWN_PROVIDER}
     */
    Providers withStandard(String name) {
        try {
            return new Providers(byName, named(name));
        } catch (AgentException unknown) {
            // It stands in no reference that the message could begin with.
            Failure failure = unknown.failure();
            throw new AgentException(new Failure(
                    failure.kind(), "--secrets-backend: " + failure.message() + " " + name, failure.hint()));
        }
    }

    /** All of them. */
    public Collection<SecretProvider> all() {
        return byName.values();
    }

    /** Of those, the providers that can list what they have. */
    List<NameSource> sources() {
        return byName.values().stream()
                .filter(NameSource.class::isInstance)
                .map(NameSource.class::cast)
                .toList();
    }

    /**
     * @throws AgentException of kind {@code UNKNOWN_PROVIDER}
     */
    SecretProvider of(SecretReference reference) {
        return reference.provider().map(this::named).orElse(standard);
    }

    /**
     * What a reference means.
     *
     * @throws AgentException of kind {@code UNKNOWN_PROVIDER}, or as the provider
     */
    public SecretLocation locate(SecretReference reference, Namespace defaults) {
        return of(reference).locate(reference, defaults);
    }

    /**
     * The one of that name.
     *
     * @throws AgentException of kind {@code UNKNOWN_PROVIDER}
     */
    public SecretProvider named(String name) {
        SecretProvider found = byName.get(name);
        if (found == null) {
            throw new AgentException(
                    FailureKind.UNKNOWN_PROVIDER,
                    "unknown provider",
                    "the configured providers are " + String.join(", ", byName.keySet()));
        }
        return found;
    }

    private static SecretProvider refuseTwo(SecretProvider one, SecretProvider other) {
        throw new IllegalStateException("two providers are called " + one.name());
    }
}
