package dev.latchkey.agent.install;

import static dev.latchkey.agent.install.LauncherInstallation.Effect;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.latchkey.agent.failure.AgentException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Needs root, which alone can give a file to another group. */
class LauncherInstallationTest {
    private static final int GROUP = 54_777;

    @TempDir
    private Path folder;

    private Path source = Path.of("");
    private Path target = Path.of("");

    @BeforeEach
    void makeLauncher() throws IOException {
        assumeTrue((int) Files.getAttribute(folder, "unix:uid") == 0, "needs root");
        source = Files.writeString(folder.resolve("source"), "launcher");
        target = folder.resolve("bin/launcher");
        Files.createDirectory(folder.resolve("bin"), permissions("rwxr-xr-x"));
    }

    private static java.nio.file.attribute.FileAttribute<?> permissions(String letters) {
        return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(letters));
    }

    private Effect install() {
        return new LauncherInstallation(source, target, GROUP).install();
    }

    @Test
    void installsOnceAndReplacesWhatDiffers() throws IOException {
        assertEquals(Effect.INSTALLED, install());
        assertInstalled("launcher");
        Object inode = Files.getAttribute(target, "unix:ino");
        assertEquals(Effect.UNCHANGED, install());
        assertEquals(inode, Files.getAttribute(target, "unix:ino"));

        Files.writeString(source, "another");
        assertEquals(Effect.REPLACED, install());
        assertInstalled("another");
        Files.setAttribute(target, "unix:mode", 0755);
        assertEquals(Effect.REPLACED, install());
        Files.setAttribute(target, "unix:gid", 1);
        assertEquals(Effect.REPLACED, install());
        Files.setAttribute(target, "unix:uid", 1);
        assertEquals(Effect.REPLACED, install());
        assertInstalled("another");
    }

    private void assertInstalled(String content) throws IOException {
        assertEquals(content, Files.readString(target));
        assertEquals(0, Files.getAttribute(target, "unix:uid"));
        assertEquals(GROUP, Files.getAttribute(target, "unix:gid"));
        assertEquals(02755, (int) Files.getAttribute(target, "unix:mode") & 07777);
        try (var files = Files.list(target.resolveSibling("."))) {
            assertEquals(
                    List.of("launcher"),
                    files.map(file -> file.getFileName().toString()).toList());
        }
    }

    @Test
    void doesNotInstallWhereOthersCouldReplaceIt() throws IOException {
        Path bin = folder.resolve("bin");
        for (String letters : new String[] {"rwxrwxr-x", "rwxr-xrwx"}) {
            Files.setPosixFilePermissions(bin, PosixFilePermissions.fromString(letters));
            assertRefused("which others than root can change");
        }
        // Sticky or not: somebody else's file could be there first.
        Files.setAttribute(bin, "unix:mode", 01777);
        assertRefused("which others than root can change");
        Files.setAttribute(bin, "unix:mode", 0755);
        Files.setAttribute(bin, "unix:uid", 1);
        assertRefused("which others than root can change");
        Files.setAttribute(bin, "unix:uid", 0);
        Files.setAttribute(folder, "unix:mode", 0777);
        assertRefused("which others than root can change");
        Files.setAttribute(folder, "unix:mode", 01777);
        assertEquals(Effect.INSTALLED, install());
    }

    @Test
    void followsNoLink() throws IOException {
        Path elsewhere = Files.writeString(folder.resolve("elsewhere"), "precious");
        Files.createSymbolicLink(target, elsewhere);
        assertRefused("is there already, and no file");
        assertEquals("precious", Files.readString(elsewhere));
        Files.delete(target);

        Files.createSymbolicLink(folder.resolve("link"), folder.resolve("bin"));
        target = folder.resolve("link/launcher");
        assertRefused("which is no folder");
        assertFalse(Files.exists(folder.resolve("bin/launcher"), LinkOption.NOFOLLOW_LINKS));
    }

    @Test
    void saysWhatIsMissing() {
        target = folder.resolve("none/launcher");
        assertRefused("it does not exist");
        target = Path.of("/");
        assertRefused("is no file");
        target = folder.resolve("bin/launcher");
        source = folder.resolve("none");
        assertRefused("it does not exist");
    }

    private void assertRefused(String why) {
        String message =
                assertThrows(AgentException.class, this::install).failure().message();
        assertTrue(message.contains(why), message);
    }
}
