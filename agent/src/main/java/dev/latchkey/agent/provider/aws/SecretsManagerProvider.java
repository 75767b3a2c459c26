package dev.latchkey.agent.provider.aws;

import dev.latchkey.agent.backend.aws.AwsAnswer;
import dev.latchkey.agent.backend.aws.AwsQuestion;
import dev.latchkey.agent.backend.aws.AwsQuestion.Version;
import dev.latchkey.agent.backend.aws.AwsRegions;
import dev.latchkey.agent.backend.aws.AwsReply;
import dev.latchkey.agent.config.AwsConfig.Layout;
import dev.latchkey.agent.config.ProviderConfig;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.json.JsonDocument;
import dev.latchkey.agent.json.JsonPart;
import dev.latchkey.agent.json.ObjectSecret;
import dev.latchkey.agent.secret.HeldSecret;
import dev.latchkey.agent.secret.HeldSecret.Facts;
import dev.latchkey.agent.secret.Lookup;
import dev.latchkey.agent.secret.Namespace;
import dev.latchkey.agent.secret.RemoteProvider;
import dev.latchkey.agent.secret.SecretListing;
import dev.latchkey.agent.secret.SecretLocation;
import dev.latchkey.agent.secret.SecretReference;
import dev.latchkey.agent.secret.SecretValue;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Secrets of AWS Secrets Manager. */
public final class SecretsManagerProvider implements RemoteProvider, SecretListing {
    private static final String SERVICE = "secretsmanager";
    private static final String RESOURCE = "secret:";
    /** AWS lets only its own services have a '!' in one. */
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9/_+=.@!-]{1,512}");

    private static final Pattern PREFIX = Pattern.compile("[A-Za-z0-9/_+=.@-]{0,512}");
    /** What Secrets Manager puts behind the name in an ARN. */
    private static final Pattern SUFFIX = Pattern.compile("-[A-Za-z0-9]{6}$");

    private static final Pattern VERSION = Pattern.compile("[\\x21-\\x7E]{1,256}");
    /** An id has 32 to 64 characters; stages, which people name, are shorter. */
    private static final Pattern ID = Pattern.compile("[A-Za-z0-9-]{32,64}");

    private final ProviderConfig.AwsSecrets config;
    private final AwsRegions regions;

    public SecretsManagerProvider(ProviderConfig.AwsSecrets config, AwsRegions regions) {
        this.config = config;
        this.regions = regions;
    }

    @Override
    public String name() {
        return config.name();
    }

    @Override
    public void prepare() {
        regions.prepare();
    }

    @Override
    public Optional<String> trouble() {
        return regions.trouble();
    }

    @Override
    public SecretLocation locate(SecretReference reference, Namespace defaults) {
        String path = reference.path();
        String name = Located.isArn(path)
                ? Located.requireArn(
                        path, name(), SERVICE, RESOURCE, config.backend().regions())
                : path;
        if (!NAME.matcher(name).matches()) {
            throw new AgentException(
                    FailureKind.BAD_NAME,
                    "a name in " + name() + " has 1 to 512 letters, digits and any of '/_+=.@!-'",
                    "write it as AWS lists it, '@' as %40");
        }
        if (reference.version().filter(v -> !VERSION.matcher(v).matches()).isPresent()) {
            throw new AgentException(
                    FailureKind.BAD_REFERENCE, "a version in " + name() + " is the name of a stage or an id");
        }
        return new SecretLocation(name(), path);
    }

    @Override
    public Lookup fetch(SecretLocation location, Optional<String> version, Duration within) {
        Located located = Located.of(location.path());
        Optional<Version> wanted =
                version.map(text -> new Version(text, !ID.matcher(text).matches()));
        return switch (regions.ask(
                located.region(), region -> new AwsQuestion.Secret(located.in(region), wanted), within)) {
            case AwsAnswer.Found(AwsReply reply) -> found(reply, located);
            case AwsAnswer.Missing(boolean deleted) -> new Lookup.Absent(missing(version, deleted));
        };
    }

    private Lookup found(AwsReply reply, Located located) {
        try (reply) {
            Facts facts = new Facts(
                    reply.text("VersionId").orElse("unknown"), AwsTime.of(reply.text("CreatedDate")), Optional.empty());
            Optional<byte[]> binary = reply.bytes("SecretBinary");
            return new Lookup.Found(binary.map(bytes -> HeldSecret.of(facts, SecretValue.owning(bytes)))
                    .orElseGet(() -> string(facts, reply.require("SecretString"), located)));
        }
    }

    private HeldSecret string(Facts facts, SecretValue text, Located located) {
        boolean isObject = text.<Boolean>leak(SecretsManagerProvider::isObject);
        if (config.layout() == Layout.BRUIN && isObject) {
            return ObjectSecret.typed(facts, compact(text), shortName(located));
        }
        if (config.layout() == Layout.BRUIN) {
            text.close();
            throw new AgentException(
                    FailureKind.PROVIDER_MALFORMED,
                    "the secret is no object, which 'layout: bruin' needs",
                    "configure 'layout: plain' to get it as it is");
        }
        return isObject ? ObjectSecret.plain(facts, compact(text)) : HeldSecret.of(facts, text);
    }

    private static boolean isObject(byte[] text) {
        int first = 0;
        while (first < text.length && Character.isWhitespace(text[first])) {
            first++;
        }
        return first < text.length && text[first] == '{' && JsonDocument.isJson(ByteBuffer.wrap(text));
    }

    private static SecretValue compact(SecretValue text) {
        try (text) {
            return text.leak(bytes -> JsonDocument.pick(bytes, List.of()));
        }
    }

    private static String shortName(Located located) {
        String name = located.arn()
                .map(arn -> SUFFIX.matcher(arn.resource().substring(RESOURCE.length()))
                        .replaceFirst(""))
                .orElse(located.path());
        return name.substring(name.lastIndexOf('/') + 1);
    }

    /** Everything below the prefix; what is deleted or another service's is left out. */
    @Override
    public Page list(String prefix, Optional<String> from, Duration within) {
        if (!PREFIX.matcher(prefix).matches()) {
            throw new AgentException(
                    FailureKind.BAD_ARGUMENT,
                    "a prefix in " + name() + " has letters, digits and any of '/_+=.@-'",
                    "write it as AWS lists the names, '@' as %40");
        }
        RegionalPages pages = new RegionalPages(
                regions,
                "SecretList",
                part -> listed(part).filter(secret -> secret.path().startsWith(prefix)));
        return pages.page(token -> new AwsQuestion.ListSecrets(prefix, token), from, within);
    }

    @Override
    public boolean mayBeRooted() {
        return true;
    }

    private Optional<Listed> listed(JsonPart secret) {
        Optional<String> leftOut = secret.text("DeletedDate")
                .map(_ -> "marked for deletion in " + name())
                .or(() -> secret.text("OwningService").map(_ -> "belongs to a service of AWS, which rotates it"));
        return secret.text("Name").map(path -> new Listed(path, leftOut));
    }

    private Failure missing(Optional<String> version, boolean deleted) {
        if (deleted) {
            return Failure.of(FailureKind.SECRET_NOT_FOUND, "marked for deletion in " + name());
        }
        return version.map(v -> Failure.of(FailureKind.VERSION_NOT_FOUND, "version " + v + " not found in " + name()))
                .orElseGet(() -> Failure.of(FailureKind.SECRET_NOT_FOUND, "not found in " + name()));
    }
}
