package dev.latchkey.agent.sys;

import java.net.URISyntaxException;
import java.nio.file.Path;

/** Finds and loads the library: where {@code latchkey.native} says, else beside the jar that holds this class. */
final class NativeLibrary {
    private static final String PROPERTY = "latchkey.native";
    private static final String FILE = "liblatchkey_sys.so";

    static {
        load(path());
    }

    private NativeLibrary() {}

    /** Loads the library when it is called first; an {@code UnsatisfiedLinkError} names the file that is missing. */
    static void require() {
        // The work is done by the static initializer, once.
    }

    @SuppressWarnings("restricted")
    private static void load(Path library) {
        System.load(library.toString());
    }

    private static Path path() {
        String configured = System.getProperty(PROPERTY, "");
        return configured.isEmpty() ? besideTheJar() : Path.of(configured).toAbsolutePath();
    }

    private static Path besideTheJar() {
        try {
            Path jar = Path.of(NativeLibrary.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
            return jar.resolveSibling(FILE).toAbsolutePath();
        } catch (URISyntaxException e) {
            throw new IllegalStateException("the place of the agent's jar is not a path", e);
        }
    }
}
