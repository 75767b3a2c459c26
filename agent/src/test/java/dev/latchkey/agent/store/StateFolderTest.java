package dev.latchkey.agent.store;

import static dev.latchkey.agent.store.StoreFixture.assertUnusable;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StateFolderTest {
    @TempDir
    private Path folder;

    @Test
    void refusesAnEmptiedStoreOfAFolderThatHasServed() throws Exception {
        try (StateFolder state = StateFolder.open(folder, (_, _) -> {})) {
            state.refuseEmptiedStore("witness");
            Path store = Files.createFile(folder.resolve("store.db"));
            state.refuseEmptiedStore("witness");
            Files.createFile(folder.resolve("witness"));
            assertUnusable(
                    "the store " + store + " is empty, and witness beside it tells that it was not",
                    () -> state.refuseEmptiedStore("witness"));
            Files.writeString(store, "x");
            state.refuseEmptiedStore("witness");
            Files.delete(store);
            state.refuseEmptiedStore("witness");
        }
    }

    private static String mode(Path path) throws Exception {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    private static int run(String... command) throws Exception {
        Process process = new ProcessBuilder(command).inheritIO().start();
        assertTrue(process.waitFor(20, TimeUnit.SECONDS));
        return process.exitValue();
    }

    @Test
    void isMadePrivateWithWhateverIsMissingAbove() throws Exception {
        Path state = folder.resolve("not/there/yet");
        try (StateFolder opened = StateFolder.open(state, (_, _) -> {})) {
            assertEquals(state, opened.path());
            assertEquals("rwx------", mode(state));
            assertEquals("rw-------", mode(state.resolve("lock")));
        }
    }

    @Test
    void tellsWhatWasOpenToOthersBeforeItIsNot() throws Exception {
        Path state = Files.createDirectory(folder.resolve("wide"));
        Files.setPosixFilePermissions(state, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path database = Files.createFile(state.resolve("store.db"));
        Files.setPosixFilePermissions(database, PosixFilePermissions.fromString("rw-r-----"));
        List<String> news = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            try (StateFolder opened = StateFolder.open(state, (path, before) -> news.add(path + " " + before))) {
                opened.privateFile("store.db");
                opened.privateFile("fresh");
            }
        }
        assertEquals(List.of(state + " 0755", database + " 0640"), news);
        assertEquals("rwx------", mode(state));
        assertEquals("rw-------", mode(database));
    }

    @Test
    void aModeThatOnlyTheOwnerHasLessByIsChangedSilently() throws Exception {
        Path state = Files.createDirectory(folder.resolve("narrow"));
        Path database = Files.createFile(state.resolve("store.db"));
        Files.setPosixFilePermissions(database, PosixFilePermissions.fromString("r--------"));
        Files.setPosixFilePermissions(state, PosixFilePermissions.fromString("rwx------"));
        List<String> news = new ArrayList<>();
        try (StateFolder opened = StateFolder.open(state, (path, before) -> news.add(path + " " + before))) {
            opened.privateFile("store.db");
        }
        assertEquals(List.of(), news);
        assertEquals("rw-------", mode(database));
    }

    @Test
    void isHeldByOneAtATime() {
        try (StateFolder first = StateFolder.open(folder, (_, _) -> {})) {
            String pid = Long.toString(ProcessHandle.current().pid());
            assertUnusable("is in use by process " + pid, () -> StateFolder.open(first.path(), (_, _) -> {}));
            assertUnusable(
                    "is in use by process " + pid,
                    () -> StateFolder.open(first.path().resolve("."), (_, _) -> {}));
        }
        StateFolder.open(folder, (_, _) -> {}).close();
    }

    @Test
    void isHeldAgainstOtherProcessesAndNamesTheirs() throws Exception {
        Process other = ChildStore.start(folder.resolve("state"));
        try {
            ChildStore.awaitFirstLine(other);
            assertUnusable(
                    "is in use by process " + other.pid(),
                    () -> StateFolder.open(folder.resolve("state"), (_, _) -> {}));
        } finally {
            other.destroyForcibly().waitFor();
        }
        StateFolder.open(folder.resolve("state"), (_, _) -> {}).close();
    }

    @Test
    void isRefusedOnANetworkFileSystem() {
        for (String type : List.of("nfs", "nfs4", "cifs", "smb3", "9p", "fuse.sshfs", "fuse", "fuse.gcsfuse", "ceph")) {
            var failure = assertUnusable(
                    "is on a network file system (" + type + ")",
                    () -> StateFolder.open(folder.resolve("state"), path -> type, (_, _) -> {}));
            assertTrue(failure.hint().orElseThrow().contains("PostgreSQL"));
        }
        for (String type :
                List.of("ext4", "xfs", "btrfs", "tmpfs", "overlay", "zfs", "fuseblk", "fuse.fuse-overlayfs")) {
            StateFolder.open(folder.resolve("state"), path -> type, (_, _) -> {})
                    .close();
        }
    }

    @Test
    void isRefusedWhereAFileIs() throws Exception {
        Path file = Files.writeString(folder.resolve("file"), "x");

        assertUnusable("cannot be used", () -> StateFolder.open(file.resolve("state"), (_, _) -> {}));
        assertUnusable("is not a folder", () -> StateFolder.open(file, (_, _) -> {}));
    }

    @Test
    void isRefusedWhenItIsReadOnly() throws Exception {
        assumeTrue(ChildStore.isRoot(), "needs root: a read-only mount");
        Path state = Files.createDirectory(folder.resolve("ro"));
        assumeTrue(run("mount", "-t", "tmpfs", "-o", "ro", "tmpfs", state.toString()) == 0, "needs mount");
        try {
            assertUnusable("is read-only", () -> StateFolder.open(state, (_, _) -> {}));
        } finally {
            assertEquals(0, run("umount", state.toString()));
        }
    }

    @Test
    void goesOnByItselfWhenAFullDiskHasRoomAgain() throws Exception {
        assumeTrue(ChildStore.isRoot(), "needs root: a small file system");
        // The first store of a process leaves SQLite's library mapped from its folder, which could then not be
        // unmounted.
        new StoreFixture(folder.resolve("first")).open().close();
        Path small = Files.createDirectory(folder.resolve("small"));
        assumeTrue(run("mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", small.toString()) == 0, "needs mount");
        try (StoreFixture f = new StoreFixture(small).open()) {
            f.put("a", "one");
            Path ballast = small.resolve("ballast");
            run("sh", "-c", "head -c 8m /dev/zero > " + ballast + " 2>/dev/null");

            var failure = org.junit.jupiter.api.Assertions.assertThrows(
                            dev.latchkey.agent.failure.AgentException.class, () -> f.put("a", "x".repeat(500_000)))
                    .failure();
            assertEquals("the store cannot be written: the disk is full", failure.message());
            assertEquals("one", f.read("a"));

            Files.delete(ballast);
            assertEquals(2, f.put("a", "y".repeat(500_000)).version());
            assertEquals(List.of(), f.store.verify(rows -> {}).problems());
        } finally {
            assertEquals(0, run("umount", small.toString()));
        }
        assertFalse(Files.exists(small.resolve("state")));
    }
}
