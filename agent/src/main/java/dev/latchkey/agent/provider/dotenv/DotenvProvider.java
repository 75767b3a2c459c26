package dev.latchkey.agent.provider.dotenv;

import dev.latchkey.agent.backend.file.OperatorsFile;
import dev.latchkey.agent.config.ProviderConfig;
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
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The lines of one {@code .env} file. */
public final class DotenvProvider implements SecretProvider, NameSource, SecretListing {
    private final ProviderConfig.Dotenv config;

    public DotenvProvider(ProviderConfig.Dotenv config) {
        this.config = config;
    }

    @Override
    public String name() {
        return config.name();
    }

    @Override
    public SecretLocation locate(SecretReference reference, Namespace defaults) {
        reference.requireNoVersion(config.name());
        return new SecretLocation(config.name(), reference.path());
    }

    @Override
    public Lookup find(SecretLocation location, Optional<String> version) {
        OperatorsFile file = OperatorsFile.read(config.path());
        return Optional.ofNullable(line(file, location.path()))
                .<Lookup>map(value -> new Lookup.Found(HeldSecret.of(
                        new HeldSecret.Facts(file.changed().toString(), Optional.of(file.changed()), Optional.empty()),
                        SecretValue.owning(value))))
                .orElseGet(() ->
                        new Lookup.Absent(Failure.of(FailureKind.SECRET_NOT_FOUND, "not found in " + config.name())));
    }

    @Override
    public List<Sibling> siblings(SecretLocation location) {
        return lines(OperatorsFile.read(config.path())).keySet().stream()
                .map(line -> new Sibling(new SecretLocation(config.name(), line), line, Set.of()))
                .toList();
    }

    /** All others, and the file, are wiped. */
    private byte @Nullable [] line(OperatorsFile file, String name) {
        Map<String, byte[]> lines = lines(file);
        byte[] found = lines.remove(name);
        lines.values().forEach(DotenvLines::wipe);
        DotenvLines.wipe(file.content());
        return found;
    }

    private Map<String, byte[]> lines(OperatorsFile file) {
        return DotenvLines.read(file.content(), config.path().toString());
    }

    @Override
    public Page list(String prefix, Optional<String> from, Duration within) {
        return Page.whole(lines(OperatorsFile.read(config.path())).keySet().stream()
                .filter(path -> path.startsWith(prefix))
                .toList());
    }
}
