package dev.latchkey.integration;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;

/** The distribution with another option of the JVM: everything but one line of its script is the same. */
final class OtherOptions {
    private OtherOptions() {}

    /** A home, made in that folder, whose agent has the option in the place of its own. */
    static Path home(Path folder, String own, String instead) throws IOException {
        Path home = Files.createDirectory(folder.resolve("home"));
        for (String part : List.of("lib", "runtime")) {
            Files.createSymbolicLink(home.resolve(part), Machine.HOME.resolve(part));
        }
        String script = Files.readString(Path.of(Machine.AGENT));
        assertTrue(script.contains(own), "the agent has no option " + own);
        Path agent = Files.createDirectory(home.resolve("bin")).resolve("agent");
        Files.writeString(agent, script.replace(own, instead));
        Files.setPosixFilePermissions(agent, PosixFilePermissions.fromString("rwxr-xr-x"));
        return home;
    }
}
