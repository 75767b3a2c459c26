package dev.latchkey.agent;

import dev.latchkey.agent.admin.view.StatusView.ProbeView;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.FailureKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The AOT cache that {@code bin/agent} gave this JVM. A JVM says nothing of one that it cannot use: it starts without it, in two to three times the
 * time.
 *
 * @param file may be absent: a distribution works without one
 * @param loaded whether this JVM runs with it
 */
record AotCache(Path file, boolean loaded) {
    /** The jars that both caches were trained with: a line for each, its size in bytes and its name. */
    private static final String TRAINED = "trained.jars";

    private static final String AGAIN = "unpack the distribution again";

    /** Absent if something other than {@code bin/agent} started this JVM. */
    static Optional<AotCache> ofThisProcess() {
        // The distribution's runtime has no archive of the JDK's own classes, so what is shared comes from the cache.
        return Optional.ofNullable(System.getProperty("latchkey.aot"))
                .map(file -> new AotCache(
                        Path.of(file), System.getProperty("java.vm.info", "").contains("sharing")));
    }

    /**
     * SECURITY: a JVM of JDK 25 does not compare the jars of its class path with those of the training, and goes on running the classes in the cache.
     * A jar that was replaced, perhaps to mend a fault, would have no effect. Sizes are compared and not times, which copying changes.
     *
     * @throws AgentException if the cache is in use and was trained with other jars
     */
    void refuseOtherJars() {
        if (!loaded) {
            return;
        }
        try {
            for (String line : Files.readAllLines(file.resolveSibling(TRAINED))) {
                String[] sizeAndName = line.split(" ", 2);
                refuseUnlessOfSize(file.resolveSibling(sizeAndName[1]), Long.parseLong(sizeAndName[0]));
            }
        } catch (IOException | NumberFormatException | ArrayIndexOutOfBoundsException e) {
            throw refused(file.resolveSibling(TRAINED) + " cannot be used: it names the jars of " + file.getFileName());
        }
    }

    private void refuseUnlessOfSize(Path jar, long size) {
        // An absent file has no length.
        if (jar.toFile().length() != size) {
            throw refused(jar + " is not the one that " + file.getFileName()
                    + " was made with, whose classes would run instead");
        }
    }

    private AgentException refused(String message) {
        return new AgentException(
                FailureKind.STATE_UNUSABLE, message, AGAIN + ", or remove " + file + " to start without it");
    }

    /** Why the agent starts more slowly than it could; absent if it does not, or if no cache is there. */
    Optional<String> unused() {
        return loaded || !Files.exists(file)
                ? Optional.empty()
                : Optional.of(file + " was not loaded, so starting takes longer");
    }

    ProbeView probe() {
        String name = "aot-cache";
        if (loaded) {
            return StatusReport.ok(name, "loaded");
        }
        return StatusReport.warning(
                name, unused().orElse(file + " is not there, so starting takes longer") + ": " + AGAIN);
    }
}
