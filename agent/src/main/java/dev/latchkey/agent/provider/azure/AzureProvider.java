package dev.latchkey.agent.provider.azure;

import dev.latchkey.agent.backend.azure.AzureAnswer;
import dev.latchkey.agent.backend.azure.AzureClient;
import dev.latchkey.agent.config.VaultConfig.Layout;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.json.JsonAnswer;
import dev.latchkey.agent.json.JsonDocument;
import dev.latchkey.agent.json.JsonPart;
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
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;

/** Secrets of an Azure Key Vault. */
public final class AzureProvider implements RemoteProvider, SecretListing {
    private static final Pattern NAME = Pattern.compile("[0-9A-Za-z-]{1,127}");
    /** The most that a vault gives at once. */
    private static final String FIRST = "maxresults=25";

    private static final Pattern VERSION = Pattern.compile("[0-9a-f]{32}");

    private final String name;
    private final Layout layout;
    private final AzureClient client;
    private final Clock clock;
    private final LongSupplier nanoTime;

    /**
     * @param clock of the wall, for when secrets begin and end
     * @param nanoTime of the monotonic clock
     */
    public AzureProvider(String name, Layout layout, AzureClient client, Clock clock, LongSupplier nanoTime) {
        this.name = name;
        this.layout = layout;
        this.client = client;
        this.clock = clock;
        this.nanoTime = nanoTime;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public SecretLocation locate(SecretReference reference, Namespace defaults) {
        if (!NAME.matcher(reference.path()).matches()) {
            throw new AgentException(
                    FailureKind.BAD_NAME,
                    "a name in " + name + " has letters, digits and '-'",
                    "the vault stands in the configuration, as in db-password");
        }
        if (reference.version().filter(v -> !VERSION.matcher(v).matches()).isPresent()) {
            throw new AgentException(
                    FailureKind.BAD_REFERENCE, "a version in " + name + " has 32 hexadecimal digits in lower case");
        }
        return new SecretLocation(name, reference.path().toLowerCase(Locale.ROOT));
    }

    @Override
    public Lookup fetch(SecretLocation location, Optional<String> version, Duration within) {
        long deadline = nanoTime.getAsLong() + within.toNanos();
        String path = "/secrets/" + location.path() + version.map(v -> "/" + v).orElse("");
        try (AzureAnswer answer = client.get(path, within)) {
            if (answer.status() == 200) {
                return found(answer.json(), location);
            }
            if (answer.status() == 403 && answer.says("SecretDisabled")) {
                return absent(FailureKind.VERSION_DISABLED, which(version) + " is disabled in " + name);
            }
            if (answer.status() != 404) {
                throw answer.refusal();
            }
        }
        return missing(location, version, Duration.ofNanos(deadline - nanoTime.getAsLong()));
    }

    /** All of the vault; what is disabled, expired, not yet valid or a certificate's is left out. What was deleted is in none of its lists. */
    @Override
    public Page list(String prefix, Optional<String> from, Duration within) {
        SecretListing.requireNoPrefix(name, prefix);
        try (AzureAnswer answer = client.get("/secrets?" + from.orElse(FIRST), within)) {
            if (answer.status() != 200) {
                throw answer.refusalToList();
            }
            return new Page(
                    answer.json().objects("value").stream().map(this::listed).toList(), List.of(), answer.next());
        }
    }

    private Listed listed(JsonPart item) {
        String id = item.text("id").orElse("");
        String path = id.substring(id.lastIndexOf('/') + 1);
        if (!NAME.matcher(path).matches()) {
            throw malformed("lists a secret without a name");
        }
        Optional<String> certificate =
                item.text("managed").filter("true"::equals).map(_ -> "belongs to a certificate in " + name);
        return new Listed(path, certificate.or(() -> item.object("attributes").flatMap(this::unserved)));
    }

    private Optional<String> unserved(JsonPart attributes) {
        Instant now = clock.instant();
        return attributes
                .text("enabled")
                .filter("false"::equals)
                .map(_ -> "disabled in " + name)
                .or(() -> time(attributes, "exp")
                        .filter(end -> !now.isBefore(end))
                        .map(end -> "expired at " + end + " in " + name))
                .or(() -> time(attributes, "nbf")
                        .filter(now::isBefore)
                        .map(begin -> "not valid before " + begin + " in " + name));
    }

    private static Optional<Instant> time(JsonPart attributes, String field) {
        return attributes
                .text(field)
                .filter(text -> text.matches("[0-9]{1,11}"))
                .map(Long::valueOf)
                .map(Instant::ofEpochSecond);
    }

    @Override
    public void close() {
        client.close();
    }

    private Lookup found(JsonAnswer answer, SecretLocation location) {
        Instant now = clock.instant();
        Optional<Instant> ends = answer.number("attributes", "exp").map(Instant::ofEpochSecond);
        Optional<Instant> begins = answer.number("attributes", "nbf").map(Instant::ofEpochSecond);
        if (answer.text("attributes", "enabled").filter("false"::equals).isPresent()) {
            return absent(FailureKind.VERSION_DISABLED, "the version is disabled in " + name);
        }
        if (ends.filter(end -> !now.isBefore(end)).isPresent()) {
            return absent(FailureKind.EXPIRED, "expired at " + ends.get() + " in " + name);
        }
        if (begins.filter(now::isBefore).isPresent()) {
            return absent(FailureKind.VERSION_DISABLED, "not valid before " + begins.get() + " in " + name);
        }
        HeldSecret secret = secret(answer, location);
        return new Lookup.Found(ends.isPresent() ? new LentSecret(secret, Duration.between(now, ends.get())) : secret);
    }

    private HeldSecret secret(JsonAnswer answer, SecretLocation location) {
        Optional<Instant> created = answer.number("attributes", "created").map(Instant::ofEpochSecond);
        Facts facts = new Facts(version(answer), created, Optional.empty());
        SecretValue value = answer.require("value");
        return switch (layout) {
            case PLAIN -> HeldSecret.of(facts, value);
            case BRUIN -> ObjectSecret.typed(facts, compact(value), location.path());
        };
    }

    private String version(JsonAnswer answer) {
        String id = answer.text("id").orElse("");
        String version = id.substring(id.lastIndexOf('/') + 1);
        if (!VERSION.matcher(version).matches()) {
            throw malformed("answers without a version");
        }
        return version;
    }

    private SecretValue compact(SecretValue value) {
        try (value) {
            SecretValue compact = value.leak(bytes -> JsonDocument.pick(bytes, List.of()));
            if (!compact.<Boolean>leak(bytes -> bytes.length > 0 && bytes[0] == '{')) {
                compact.close();
                throw malformed("has a secret that is no object");
            }
            return compact;
        } catch (AgentException e) {
            throw e.kind() == FailureKind.PROVIDER_MALFORMED ? e : malformed("has a secret that is no object");
        }
    }

    /** A secret that was deleted is kept for a while and can be had back: that is worth telling, but no reason to fail otherwise. */
    private Lookup missing(SecretLocation location, Optional<String> version, Duration within) {
        if (within.isPositive() && isDeleted(location, within)) {
            return absent(FailureKind.SECRET_NOT_FOUND, "deleted in " + name + ", and can be recovered there");
        }
        return version.map(v -> absent(FailureKind.VERSION_NOT_FOUND, "version " + v + " not found in " + name))
                .orElseGet(() -> absent(FailureKind.SECRET_NOT_FOUND, "not found in " + name));
    }

    private boolean isDeleted(SecretLocation location, Duration within) {
        try (AzureAnswer answer = client.get("/deletedsecrets/" + location.path(), within)) {
            return answer.status() == 200;
        } catch (AgentException notTold) {
            // It is not there, which is what was asked; why not may stay unknown.
            return false;
        }
    }

    private static String which(Optional<String> version) {
        return version.map(v -> "version " + v).orElse("the current version");
    }

    private static Lookup absent(FailureKind kind, String message) {
        return new Lookup.Absent(Failure.of(kind, message));
    }

    private AgentException malformed(String what) {
        return new AgentException(
                FailureKind.PROVIDER_MALFORMED, name + " " + what, "configure 'layout: plain' to get it as it is");
    }
}
