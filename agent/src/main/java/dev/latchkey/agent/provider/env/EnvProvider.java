package dev.latchkey.agent.provider.env;

import dev.latchkey.agent.config.ProviderConfig;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.secret.HeldSecret;
import dev.latchkey.agent.secret.Lookup;
import dev.latchkey.agent.secret.NameSource;
import dev.latchkey.agent.secret.Namespace;
import dev.latchkey.agent.secret.SecretListing;
import dev.latchkey.agent.secret.SecretLocation;
import dev.latchkey.agent.secret.SecretProvider;
import dev.latchkey.agent.secret.SecretReference;
import dev.latchkey.agent.secret.SecretValue;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** Variables of the agent's environment. */
public final class EnvProvider implements SecretProvider, NameSource, SecretListing {
    private static final Pattern VARIABLE = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");
    private static final HeldSecret.Facts AT_START = HeldSecret.Facts.of("start");

    private final ProviderConfig.Env config;
    private final Map<String, String> environment;

    public EnvProvider(ProviderConfig.Env config, Map<String, String> environment) {
        this.config = config;
        this.environment = Map.copyOf(environment);
    }

    @Override
    public String name() {
        return config.name();
    }

    @Override
    public SecretLocation locate(SecretReference reference, Namespace defaults) {
        reference.requireNoVersion(config.name());
        if (!VARIABLE.matcher(config.prefix() + reference.path()).matches()) {
            throw new AgentException(
                    FailureKind.BAD_NAME,
                    "a path in " + config.name() + " is the name of a variable",
                    "such a name is " + VARIABLE);
        }
        return new SecretLocation(config.name(), reference.path());
    }

    @Override
    public Lookup find(SecretLocation location, Optional<String> version) {
        return Optional.ofNullable(environment.get(config.prefix() + location.path()))
                .<Lookup>map(value -> new Lookup.Found(
                        HeldSecret.of(AT_START, SecretValue.owning(value.getBytes(StandardCharsets.UTF_8)))))
                .orElseGet(() ->
                        new Lookup.Absent(Failure.of(FailureKind.SECRET_NOT_FOUND, "not found in " + config.name())));
    }

    @Override
    public List<Sibling> siblings(SecretLocation location) {
        return environment.keySet().stream()
                .filter(variable -> variable.startsWith(config.prefix()))
                .map(variable -> variable.substring(config.prefix().length()))
                .map(path -> new Sibling(new SecretLocation(config.name(), path), path, Set.of()))
                .toList();
    }

    @Override
    public Page list(String prefix, Optional<String> from, Duration within) {
        return Page.whole(environment.keySet().stream()
                .filter(variable -> variable.startsWith(config.prefix()))
                .map(variable -> variable.substring(config.prefix().length()))
                .sorted()
                .filter(path -> path.startsWith(prefix))
                .toList());
    }
}
