package dev.latchkey.agent;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.failure.IoReason;
import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** A folder whose jars are a class path of their own, behind the agent's. */
record JarFolder(Path folder) {
    /** Never closed: what is in use stays as long as the process. */
    ClassLoader loader() {
        List<URL> jars = new ArrayList<>();
        for (Path file : entries()) {
            if (file.toString().endsWith(".jar")) {
                requireOwnersOnly(file);
                jars.add(url(file));
            }
        }
        return new URLClassLoader(jars.toArray(URL[]::new), JarFolder.class.getClassLoader());
    }

    /** What lies in it, in order. */
    List<Path> entries() {
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
