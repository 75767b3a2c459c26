package dev.latchkey.agent.provider.file;

import dev.latchkey.agent.backend.file.SecretFile;
import dev.latchkey.agent.config.ProviderConfig;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.failure.IoReason;
import dev.latchkey.agent.secret.HeldSecret;
import dev.latchkey.agent.secret.Lookup;
import dev.latchkey.agent.secret.Namespace;
import dev.latchkey.agent.secret.SecretListing;
import dev.latchkey.agent.secret.SecretLocation;
import dev.latchkey.agent.secret.SecretProvider;
import dev.latchkey.agent.secret.SecretReference;
import dev.latchkey.agent.secret.SecretValue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Files below one folder. */
public final class FileProvider implements SecretProvider, SecretListing {
    private final ProviderConfig.Files config;
    private final SecretFile.Limits limits;

    /**
     * @param agentUid whose files are private besides root's
     */
    public FileProvider(ProviderConfig.Files config, long agentUid) {
        this.config = config;
        this.limits = new SecretFile.Limits(
                SecretValue.MAX_BYTES,
                config.onlyPrivate() ? Optional.of(new SecretFile.Owners(agentUid)) : Optional.empty());
    }

    @Override
    public String name() {
        return config.name();
    }

    @Override
    public SecretLocation locate(SecretReference reference, Namespace defaults) {
        reference.requireNoVersion(config.name());
        String path = reference.path();
        boolean plain = Arrays.stream(path.split("/", -1))
                .noneMatch(part -> part.isEmpty() || part.equals(".") || part.equals(".."));
        if (!plain) {
            throw new AgentException(
                    FailureKind.BAD_NAME,
                    "a path in " + config.name() + " has no empty part, '.' or '..'",
                    "write it relative to the folder of the provider");
        }
        return new SecretLocation(config.name(), path);
    }

    @Override
    public Lookup find(SecretLocation location, Optional<String> version) {
        return SecretFile.beneath(config.root(), location.path(), limits)
                .<Lookup>map(file -> new Lookup.Found(HeldSecret.of(
                        new HeldSecret.Facts(file.changed().toString(), Optional.of(file.changed()), Optional.empty()),
                        file.value())))
                .orElseGet(() ->
                        new Lookup.Absent(Failure.of(FailureKind.SECRET_NOT_FOUND, "not found in " + config.name())));
    }

    /** One folder, without what begins with a dot. Links count as files; whether they lead out is seen when they are opened. */
    @Override
    public Page list(String prefix, Optional<String> from, Duration within) {
        Path folder = config.root().resolve(prefix).normalize();
        try (Stream<Path> all = Files.list(folder)) {
            if (!folder.toRealPath().startsWith(config.root().toRealPath())) {
                throw new AgentException(
                        FailureKind.PROVIDER_DENIED, "the folder is not below that of " + config.name());
            }
            return Page.whole(all.filter(path -> !path.getFileName().toString().startsWith("."))
                    .sorted()
                    .map(path -> prefix
                            + path.getFileName()
                            + (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS) ? "/" : ""))
                    .toList());
        } catch (NoSuchFileException | NotDirectoryException e) {
            return Page.whole(List.of());
        } catch (IOException e) {
            throw new AgentException(
                    Failure.of(
                            FailureKind.PROVIDER_UNAVAILABLE,
                            "a folder of " + config.name() + " cannot be read: " + IoReason.of(e)),
                    e);
        }
    }
}
