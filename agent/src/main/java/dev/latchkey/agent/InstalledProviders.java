package dev.latchkey.agent;

import dev.latchkey.agent.config.ProviderTypes;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.secret.ProviderType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;

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
        for (Path each : new JarFolder(folder).entries()) {
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
            ServiceLoader.load(ProviderType.class, new JarFolder(folder).loader())
                    .forEach(types::add);
        } catch (ServiceConfigurationError e) {
            throw new AgentException(
                    Failure.of(FailureKind.BAD_CONFIGURATION, "the provider in " + folder + " cannot be loaded"), e);
        }
        return types;
    }
}
