package dev.latchkey.agent;

import dev.latchkey.agent.config.ProviderTypes;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.failure.IoReason;
import dev.latchkey.agent.secret.ProviderType;
import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The types of providers in {@code lib/providers}: each folder there is one class path of its own, so that two never see each other's libraries. Nothing
 * is looked at before a configuration names a type that the agent does not know.
 */
record InstalledProviders(Path folder) implements ProviderTypes {
    /** Those beside the agent's own jars; none where something other than {@code bin/agent} started this JVM. */
    static ProviderTypes ofThisInstallation() {
        return Optional.ofNullable(System.getProperty("latchkey.aot"))
                .<ProviderTypes>map(file -> new InstalledProviders(Path.of(file).resolveSibling("providers")))
                .orElse(NONE);
    }

    @Override
    public Optional<ProviderType> find(String type) {
        if (!Files.isDirectory(folder)) {
            return Optional.empty();
        }
        for (Path each : listed(folder)) {
            Optional<ProviderType> found =
                    types(each).stream().filter(t -> t.type().equals(type)).findFirst();
            if (found.isPresent()) {
                return found;
            }
        }
        return Optional.empty();
    }

    private static List<ProviderType> types(Path folder) {
        List<ProviderType> types = new ArrayList<>();
        try {
            ServiceLoader.load(ProviderType.class, loader(folder)).forEach(types::add);
        } catch (ServiceConfigurationError e) {
            throw new AgentException(
                    Failure.of(FailureKind.BAD_CONFIGURATION, "the provider in " + folder + " cannot be loaded"), e);
        }
        return types;
    }

    /** Never closed: a type that is in use stays as long as the process. */
    private static ClassLoader loader(Path folder) {
        List<URL> jars = new ArrayList<>();
        for (Path file : listed(folder)) {
            if (file.toString().endsWith(".jar")) {
                requireOwnersOnly(file);
                jars.add(url(file));
            }
        }
        return new URLClassLoader(jars.toArray(URL[]::new), ProviderType.class.getClassLoader());
    }

    private static List<Path> listed(Path folder) {
        requireOwnersOnly(folder);
        try (Stream<Path> all = Files.list(folder)) {
            return all.sorted().toList();
        } catch (IOException e) {
            throw unreadable(folder, e);
        }
    }

    /** SECURITY: who can write here becomes the agent. */
    private static void requireOwnersOnly(Path path) {
        try {
            Set<PosixFilePermission> granted = Files.getPosixFilePermissions(path);
            if (granted.contains(PosixFilePermission.GROUP_WRITE)
                    || granted.contains(PosixFilePermission.OTHERS_WRITE)) {
                throw new AgentException(
                        FailureKind.BAD_CONFIGURATION,
                        "others than its owner can write " + path + ", whose code would run in the agent",
                        "chmod go-w " + path);
            }
        } catch (IOException e) {
            throw unreadable(path, e);
        }
    }

    private static AgentException unreadable(Path path, IOException e) {
        return new AgentException(
                Failure.of(FailureKind.BAD_CONFIGURATION, path + " cannot be read: " + IoReason.of(e)), e);
    }

    private static URL url(Path jar) {
        try {
            return jar.toUri().toURL();
        } catch (MalformedURLException e) {
            throw new IllegalStateException("every path has a URL", e);
        }
    }
}
