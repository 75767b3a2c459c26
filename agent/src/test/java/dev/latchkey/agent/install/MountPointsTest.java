package dev.latchkey.agent.install;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class MountPointsTest {
    private static final MountPoints MOUNTS = MountPoints.parse("""
            21 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
            22 21 0:20 / /tmp rw,nosuid,nodev shared:2 - tmpfs tmpfs rw
            23 22 8:1 /x /tmp/own rw,relatime - ext4 /dev/sda1 rw
            24 21 0:21 / /with\\040space rw,noexec - tmpfs tmpfs rw
            25 21 0:22 / /twice rw,nosuid - tmpfs tmpfs rw
            26 25 0:23 / /twice rw - tmpfs tmpfs rw
            27 26 0:24 / /odd/nosuid rw - tmpfs tmpfs rw,nosuid
            not a line
            """);

    @Test
    void knowsWhatKeepsAnExecutableFromItsGroup() {
        assertHindrance("", "/usr/local/bin");
        assertHindrance("", "/");
        assertHindrance("nosuid", "/tmp");
        assertHindrance("nosuid", "/tmp/other");
        assertHindrance("", "/tmp/own/bin");
        assertHindrance("", "/tmpfiles");
        assertHindrance("noexec", "/with space/bin");
        assertHindrance("", "/twice");
        // The options of the file system are not those of its mount.
        assertHindrance("", "/odd/nosuid");
    }

    private static void assertHindrance(String expected, String folder) {
        assertEquals(
                Optional.of(expected).filter(option -> !option.isEmpty()), MOUNTS.hindrance(Path.of(folder)), folder);
    }
}
