package dev.latchkey.agent.provider.doppler;

import dev.latchkey.agent.backend.doppler.DopplerClient;
import dev.latchkey.agent.backend.doppler.DopplerClient.Download;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.json.JsonDocument;
import dev.latchkey.agent.secret.HeldSecret;
import dev.latchkey.agent.secret.HeldSecret.Facts;
import dev.latchkey.agent.secret.Lookup;
import dev.latchkey.agent.secret.Namespace;
import dev.latchkey.agent.secret.RemoteDocument;
import dev.latchkey.agent.secret.SecretListing;
import dev.latchkey.agent.secret.SecretLocation;
import dev.latchkey.agent.secret.SecretReference;
import dev.latchkey.agent.secret.SecretValue;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** Secrets of one config of Doppler. */
public final class DopplerProvider implements RemoteDocument, SecretListing {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_]{1,200}");

    /** What every download says of itself. */
    private static final Set<String> OWN = Set.of("DOPPLER_PROJECT", "DOPPLER_CONFIG", "DOPPLER_ENVIRONMENT");

    /** A download has no version of its own that could be told: its tag may be a hash of the values. */
    private static final Facts FACTS = Facts.of("current");

    private final String name;
    private final DopplerClient client;

    public DopplerProvider(String name, DopplerClient client) {
        this.name = name;
        this.client = client;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public SecretLocation locate(SecretReference reference, Namespace defaults) {
        reference.requireNoVersion(name);
        if (!NAME.matcher(reference.path()).matches()) {
            throw new AgentException(
                    FailureKind.BAD_NAME,
                    "a name in " + name + " has letters, digits and '_'",
                    "project and config stand in the configuration, as in STRIPE_KEY");
        }
        return new SecretLocation(name, reference.path());
    }

    @Override
    public Optional<Lookup> fetchDocument(Optional<String> known, Duration within) {
        return switch (client.download(known, within)) {
            case Download.Changed(SecretValue secrets, String tag) ->
                Optional.of(new Lookup.Found(HeldSecret.of(Facts.of(tag), secrets)));
            case Download.Unchanged _ -> Optional.empty();
            case Download.Nothing _ -> Optional.of(new Lookup.Absent(nothing()));
        };
    }

    private Failure nothing() {
        return Failure.of(
                FailureKind.UNKNOWN_ENVIRONMENT,
                name + " has no such project or config, or not for this token",
                "check 'project' and 'config' of the provider");
    }

    /** All names of the config, in one download. */
    @Override
    public Page list(String prefix, Optional<String> from, Duration within) {
        SecretListing.requireNoPrefix(name, prefix);
        return switch (client.download(Optional.empty(), within)) {
            case Download.Changed(SecretValue secrets, String _) ->
                new Page(names(secrets).stream().map(this::listed).toList(), List.of(), Optional.empty());
            case Download.Unchanged _ ->
                throw new IllegalStateException("nothing was known, so nothing can be unchanged");
            case Download.Nothing _ -> throw new AgentException(nothing());
        };
    }

    private Listed listed(String path) {
        return new Listed(path, OWN.contains(path) ? Optional.of("is of " + name + " itself") : Optional.empty());
    }

    private static List<String> names(SecretValue secrets) {
        try (secrets) {
            return secrets.lend(JsonDocument::names);
        }
    }

    @Override
    public Lookup pick(SecretValue document, SecretLocation location) {
        try {
            SecretValue value = document.leak(bytes -> JsonDocument.pick(bytes, List.of(location.path())));
            return new Lookup.Found(HeldSecret.of(FACTS, value));
        } catch (AgentException e) {
            return switch (e.kind()) {
                case FIELD_NOT_FOUND ->
                    new Lookup.Absent(Failure.of(FailureKind.SECRET_NOT_FOUND, "not found in " + name));
                case NO_VALUE -> new Lookup.Absent(Failure.of(FailureKind.NO_VALUE, "has no value in " + name));
                default -> throw e;
            };
        }
    }
}
