package dev.latchkey.agent.provider.vault;

import dev.latchkey.agent.backend.vault.VaultClient;
import dev.latchkey.agent.backend.vault.VaultClient.Answer;
import dev.latchkey.agent.backend.vault.VaultJson;
import dev.latchkey.agent.config.ProviderConfig;
import dev.latchkey.agent.config.VaultConfig.Engine;
import dev.latchkey.agent.config.VaultConfig.Layout;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.json.ObjectSecret;
import dev.latchkey.agent.secret.HeldSecret;
import dev.latchkey.agent.secret.HeldSecret.Facts;
import dev.latchkey.agent.secret.LentSecret;
import dev.latchkey.agent.secret.Lookup;
import dev.latchkey.agent.secret.Namespace;
import dev.latchkey.agent.secret.RemoteProvider;
import dev.latchkey.agent.secret.SecretListing;
import dev.latchkey.agent.secret.SecretLocation;
import dev.latchkey.agent.secret.SecretReference;
import dev.latchkey.agent.secret.SecretValue;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Secrets of a Vault or OpenBao. */
public final class VaultProvider implements RemoteProvider, SecretListing {
    private static final Pattern NUMBER = Pattern.compile("[1-9][0-9]{0,17}");

    private final ProviderConfig.Vault config;
    private final VaultClient client;
    private final Clock clock;

    public VaultProvider(ProviderConfig.Vault config, VaultClient client, Clock clock) {
        this.config = config;
        this.client = client;
        this.clock = clock;
    }

    @Override
    public String name() {
        return config.name();
    }

    @Override
    public SecretLocation locate(SecretReference reference, Namespace defaults) {
        String path = reference.path();
        boolean plain = Arrays.stream(path.split("/", -1))
                .noneMatch(part -> part.isEmpty() || part.equals(".") || part.equals(".."));
        if (!plain) {
            throw new AgentException(
                    FailureKind.BAD_NAME,
                    "a path in " + name() + " has no empty part, '.' or '..'",
                    "write it as the backend lists it, without its mount");
        }
        if (config.engine() != Engine.KV_V2) {
            reference.requireNoVersion(name());
        }
        if (reference.version().filter(v -> !NUMBER.matcher(v).matches()).isPresent()) {
            throw new AgentException(FailureKind.BAD_REFERENCE, "a version in " + name() + " is a positive integer");
        }
        return new SecretLocation(name(), path);
    }

    @Override
    public Lookup fetch(SecretLocation location, Optional<String> version, Duration within) {
        try (Answer answer = client.get(requestPath(location, version), within)) {
            return switch (config.engine()) {
                case KV_V2 -> versioned(answer, location, version);
                case KV_V1 -> answer.there() ? found(data(answer, "data"), location, Facts.of("current")) : missing();
                case DYNAMIC -> answer.there() ? lent(answer, location) : missing();
            };
        }
    }

    @Override
    public void retire() {
        client.retire();
    }

    private String requestPath(SecretLocation location, Optional<String> version) {
        String below = config.path().isEmpty() ? location.path() : config.path() + "/" + location.path();
        String data = config.engine() == Engine.KV_V2 ? "/data/" : "/";
        return "/v1/" + config.mount() + data + VaultClient.encoded(below)
                + version.map(v -> "?version=" + v).orElse("");
    }

    /** A version that was deleted or destroyed is answered as nothing, with the facts of the version. */
    private Lookup versioned(Answer answer, SecretLocation location, Optional<String> version) {
        Optional<String> number = VaultJson.text(name(), answer.body(), "data", "metadata", "version");
        if (!answer.there() || number.isEmpty()) {
            return number.isPresent()
                    ? gone(number.get())
                    : version.map(this::noVersion).orElseGet(this::missing);
        }
        Optional<Instant> created = VaultJson.text(name(), answer.body(), "data", "metadata", "created_time")
                .flatMap(VaultProvider::time);
        return found(data(answer, "data", "data"), location, new Facts(number.get(), created, Optional.empty()));
    }

    private Lookup lent(Answer answer, SecretLocation location) {
        Instant now = clock.instant().truncatedTo(ChronoUnit.SECONDS);
        Duration lease = Duration.ofSeconds(VaultJson.number(name(), answer.body(), "lease_duration"));
        Facts facts = new Facts(now.toString(), Optional.of(now), Optional.empty());
        HeldSecret secret = object(data(answer, "data"), location, facts);
        return new Lookup.Found(
                lease.isZero() ? secret : new LentSecret(secret, lease, VaultLender.of(answer, name(), client)));
    }

    private SecretValue data(Answer answer, String... field) {
        SecretValue data = VaultJson.require(name(), answer.body(), field);
        if (!data.<Boolean>leak(bytes -> bytes.length > 0 && bytes[0] == '{')) {
            data.close();
            throw new AgentException(FailureKind.PROVIDER_MALFORMED, name() + " answers with no object");
        }
        return data;
    }

    private Lookup found(SecretValue object, SecretLocation location, Facts facts) {
        return new Lookup.Found(object(object, location, facts));
    }

    private HeldSecret object(SecretValue object, SecretLocation location, Facts facts) {
        String path = location.path();
        return config.layout() == Layout.BRUIN
                ? ObjectSecret.typed(facts, object, path.substring(path.lastIndexOf('/') + 1))
                : ObjectSecret.plain(facts, object);
    }

    private Lookup missing() {
        return new Lookup.Absent(Failure.of(FailureKind.SECRET_NOT_FOUND, "not found in " + name()));
    }

    private Lookup noVersion(String version) {
        return new Lookup.Absent(
                Failure.of(FailureKind.VERSION_NOT_FOUND, "version " + version + " not found in " + name()));
    }

    private Lookup gone(String version) {
        return new Lookup.Absent(Failure.of(
                FailureKind.VERSION_NOT_FOUND, "version " + version + " is deleted or destroyed in " + name()));
    }

    private static Optional<Instant> time(String text) {
        try {
            return Optional.of(Instant.parse(text));
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    /** One folder, as the backend has it. What it does not have is empty. */
    @Override
    public Page list(String prefix, Optional<String> from, Duration within) {
        if (config.engine() == Engine.DYNAMIC) {
            throw new AgentException(
                    FailureKind.BAD_ARGUMENT,
                    name() + " makes credentials when they are asked for and has none to list",
                    "keep the references to it: a copy would end with its lease");
        }
        String below = config.path().isEmpty() ? prefix : config.path() + "/" + prefix;
        String metadata = config.engine() == Engine.KV_V2 ? "/metadata/" : "/";
        try (Answer answer = client.list(config.mount() + metadata + below, within)) {
            return Page.whole(
                    answer.there() ? keys(answer).map(key -> prefix + key).toList() : List.of());
        }
    }

    private Stream<String> keys(Answer answer) {
        try (SecretValue keys = VaultJson.require(name(), answer.body(), "data", "keys")) {
            return keys.leak(VaultJson::texts).stream();
        }
    }
}
