package dev.latchkey.agent.provider.aws;

import dev.latchkey.agent.backend.aws.AwsAnswer;
import dev.latchkey.agent.backend.aws.AwsQuestion;
import dev.latchkey.agent.backend.aws.AwsRegions;
import dev.latchkey.agent.backend.aws.AwsReply;
import dev.latchkey.agent.config.ProviderConfig;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.json.JsonPart;
import dev.latchkey.agent.secret.HeldSecret;
import dev.latchkey.agent.secret.HeldSecret.Facts;
import dev.latchkey.agent.secret.Lookup;
import dev.latchkey.agent.secret.Namespace;
import dev.latchkey.agent.secret.RemoteProvider;
import dev.latchkey.agent.secret.SecretListing;
import dev.latchkey.agent.secret.SecretLocation;
import dev.latchkey.agent.secret.SecretReference;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Pattern;

/** Parameters of AWS Systems Manager, decrypted. */
public final class ParameterStoreProvider implements RemoteProvider, SecretListing {
    private static final String SERVICE = "ssm";
    private static final String RESOURCE = "parameter";
    private static final String OF_ANOTHER_SERVICE = "/aws/reference/";
    /** Either a hierarchy from its root, or a single name: AWS takes nothing else, and so each parameter has one spelling. */
    private static final Pattern NAME = Pattern.compile("(?:/[A-Za-z0-9_.-]+)+|[A-Za-z0-9_.-]+");

    private static final Pattern PREFIX = Pattern.compile("(?:/[A-Za-z0-9_.-]+)*/");
    private static final String ROOT = "/";

    /** A number, or a label, which does not begin with a digit. */
    private static final Pattern VERSION = Pattern.compile("[1-9][0-9]{0,17}|[A-Za-z_.-][A-Za-z0-9_.-]{0,99}");

    private static final int MOST_CHARS = 2048;

    private final ProviderConfig.AwsParameters config;
    private final AwsRegions regions;

    public ParameterStoreProvider(ProviderConfig.AwsParameters config, AwsRegions regions) {
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
        if (!NAME.matcher(name).matches() || name.length() > MOST_CHARS) {
            throw new AgentException(
                    FailureKind.BAD_NAME,
                    "a name in " + name() + " is /PATH/NAME or NAME, of letters, digits and any of '_.-'",
                    "write a version behind '@'");
        }
        // SECURITY: what is behind it is a secret of another service, on which another provider's rules decide.
        if (name.startsWith(OF_ANOTHER_SERVICE)) {
            throw new AgentException(
                    FailureKind.BAD_NAME,
                    "what begins with " + OF_ANOTHER_SERVICE + " is not a parameter",
                    "configure a provider of type aws-secrets-manager");
        }
        if (reference.version().filter(v -> !VERSION.matcher(v).matches()).isPresent()) {
            throw new AgentException(
                    FailureKind.BAD_REFERENCE, "a version in " + name() + " is a positive integer or a label");
        }
        return new SecretLocation(name(), path);
    }

    @Override
    public Lookup fetch(SecretLocation location, Optional<String> version, Duration within) {
        Located located = Located.of(location.path());
        String selected = version.map(v -> ":" + v).orElse("");
        return switch (regions.ask(
                located.region(), region -> new AwsQuestion.Parameter(located.in(region) + selected), within)) {
            case AwsAnswer.Found(AwsReply reply) -> found(reply);
            case AwsAnswer.Missing _ ->
                new Lookup.Absent(version.map(v ->
                                Failure.of(FailureKind.VERSION_NOT_FOUND, "version " + v + " not found in " + name()))
                        .orElseGet(() -> Failure.of(FailureKind.SECRET_NOT_FOUND, "not found in " + name())));
        };
    }

    /** Everything below the prefix; without one also names that are in no hierarchy. SECURITY: the values come along, as AWS keeps them, and are wiped. */
    @Override
    public Page list(String prefix, Optional<String> from, Duration within) {
        if (!prefix.isEmpty() && !PREFIX.matcher(prefix).matches()) {
            throw new AgentException(
                    FailureKind.BAD_ARGUMENT,
                    "a prefix in " + name() + " begins and ends with '/' and has letters, digits and any of '_.-'",
                    "write it as in " + name() + ":/prod/, or " + name() + ": for everything");
        }
        RegionalPages pages = new RegionalPages(regions, "Parameters", part -> listed(part, prefix));
        return pages.page(token -> new AwsQuestion.ListParameters(path(prefix), token), from, within);
    }

    @Override
    public boolean mayBeRooted() {
        return true;
    }

    private static String path(String prefix) {
        return prefix.length() <= 1 ? ROOT : prefix.substring(0, prefix.length() - 1);
    }

    private static Optional<Listed> listed(JsonPart parameter, String prefix) {
        return parameter.text("Name").filter(name -> name.startsWith(prefix)).map(Listed::of);
    }

    private static Lookup found(AwsReply reply) {
        try (reply) {
            Facts facts = new Facts(
                    reply.text("Parameter", "Version").orElse("unknown"),
                    AwsTime.of(reply.text("Parameter", "LastModifiedDate")),
                    Optional.empty());
            return new Lookup.Found(HeldSecret.of(facts, reply.require("Parameter", "Value")));
        }
    }
}
