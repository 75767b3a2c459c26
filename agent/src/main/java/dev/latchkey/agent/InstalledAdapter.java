package dev.latchkey.agent;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import java.nio.file.Path;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One adapter of the agent that needs a library: it lies with it in a folder of {@code lib/adapters}, and is loaded when it is asked for the first time.
 * So neither the class path nor a start of an agent that does not use it knows of it (ADR 35).
 */
final class InstalledAdapter<T> implements Supplier<T> {
    private final Class<T> service;
    private final String folder;
    private @Nullable T loaded;

    /**
     * @param service what it implements
     * @param folder its name in {@code lib/adapters}
     */
    InstalledAdapter(Class<T> service, String folder) {
        this.service = service;
        this.folder = folder;
    }

    /**
     * @throws AgentException {@code BAD_CONFIGURATION} if it is not there or cannot be used
     */
    @Override
    public synchronized T get() {
        T known = loaded;
        if (known == null) {
            known = load();
            loaded = known;
        }
        return known;
    }

    private T load() {
        try {
            return ServiceLoader.load(service, loader()).findFirst().orElseThrow(() -> broken(null));
        } catch (ServiceConfigurationError e) {
            throw broken(e);
        }
    }

    /** Where something other than {@code bin/agent} started this JVM everything is on one class path. */
    private ClassLoader loader() {
        return Optional.ofNullable(System.getProperty("latchkey.aot"))
                .map(file ->
                        new JarFolder(Path.of(file).resolveSibling("adapters").resolve(folder)).loader())
                .orElseGet(service::getClassLoader);
    }

    private AgentException broken(@Nullable Throwable cause) {
        return new AgentException(
                Failure.of(
                        FailureKind.BAD_CONFIGURATION,
                        "the adapter in lib/adapters/" + folder + " cannot be loaded",
                        "install the whole distribution"),
                cause);
    }
}
