package dev.latchkey.integration;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Secret files and templates, in memory and on a tmpfs. */
final class SecretFilesTest {
    private static final TestAgent agent = TestAgent.prepared();
    private static final byte[] BYTES = new byte[1 << 20];
    private static final int SOMEBODY = 2000;
    private static final int STICKY_FOR_ALL = 01777;

    @BeforeAll
    static void startAgent() {
        new java.util.Random(7).nextBytes(BYTES);
        agent.start();
        agent.store("one", "first");
        agent.store("big", BYTES);
    }

    @AfterAll
    static void stopAgent() {
        agent.close();
    }

    @Test
    void theCommandAndItsChildrenReadTheFileAndNobodyChangesIt() {
        agent.launch(
                        "--secret-file",
                        "F=one",
                        "--",
                        "sh",
                        "-c",
                        "cat $F; sh -c 'cat $F'; stat -Lc ' %a' $F; echo x >$F || echo sealed")
                .prints("firstfirst 400\nsealed\n");
    }

    @Test
    void thePathNamesTheCommandsOwnProcess() {
        agent.launch(
                        "--secret-file",
                        "F=one",
                        "--",
                        "sh",
                        "-c",
                        "case $F in /proc/$$/fd/[3-9]*) echo own;; *) echo $F;; esac")
                .prints("own\n");
    }

    @Test
    void aFileHoldsAnyBytesUpToOneMebibyte() {
        Finished found = agent.launch("--secret-file", "F=big", "--", "sh", "-c", "cat $F")
                .succeeds();
        assertArrayEquals(BYTES, found.out());
    }

    @Test
    void rendersATemplateIntoAFile() {
        Path source = agent.write("app.conf.tmpl", "a=${secret:one}\nb=${env:B}\nc=$${x} ${D:-d}\n");
        agent.launcher("--template", source.toString(), "--", "sh", "-c", "cat $APP_CONF")
                .env("B", "bee")
                .run()
                .prints("a=first\nb=bee\nc=${x} d\n");
        agent.launcher("--template", source + "=CONF", "--", "sh", "-c", "cat $CONF")
                .run()
                .refuses(125, "app.conf.tmpl:2:3: ", "B");
    }

    @Test
    void findsFilesFromWhereTheDocumentIs() {
        agent.write("value.txt", "from-file\n\n");
        Path source = agent.write("near.tmpl", "${file:value.txt}|${file:~/value.txt}");
        agent.launcher("--template", source.toString(), "--", "sh", "-c", "cat $NEAR")
                .env("HOME", agent.folder().toString())
                .run()
                .prints("from-file\n|from-file\n");
    }

    @Test
    void putsFilesIntoAFolderOnATmpfs() throws IOException {
        Path folder = Files.createTempDirectory(
                Path.of("/dev/shm"),
                "lk",
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        try {
            for (int round = 0; round < 2; round++) {
                agent.launch(
                                "--secret-dir",
                                folder.toString(),
                                "--secret-file",
                                "F=one",
                                "--",
                                "sh",
                                "-c",
                                "cat $F; echo \" $F\"")
                        .prints("first " + folder.resolve("F") + "\n");
            }
            assertEquals(
                    "r--------", PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("F"))));
            assertEquals(1, folder.toFile().list().length);
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
            agent.launch("--secret-dir", folder.toString(), "--secret-file", "F=one", "--", "true")
                    .refuses(125, "others can write");
        } finally {
            TestAgent.remove(folder);
        }
    }

    @Test
    void refusesAFolderOfSomebodyElseWhateverItsMode() throws IOException {
        assumeTrue(Machine.uid() == 0, "needs root, to give a folder away");
        Path folder = Files.createTempDirectory(Path.of("/dev/shm"), "lk");
        Path link = agent.folder().resolve("link");
        try {
            Files.createSymbolicLink(link, folder);
            Files.setAttribute(folder, "unix:uid", SOMEBODY);
            for (String mode : List.of("rwxr-xr-x", "rwx------")) {
                Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString(mode));
                refusedAs(folder, "it belongs to uid " + SOMEBODY);
                refusedAs(link, "it belongs to uid " + SOMEBODY);
            }
            Files.setAttribute(folder, "unix:mode", STICKY_FOR_ALL);
            refusedAs(folder, "it belongs to uid " + SOMEBODY);
            Files.setAttribute(folder, "unix:uid", 0);
            agent.launch("--secret-dir", folder.toString(), "--secret-file", "F=one", "--", "sh", "-c", "cat $F")
                    .prints("first");
        } finally {
            Files.deleteIfExists(link);
            TestAgent.remove(folder);
        }
    }

    private void refusedAs(Path folder, String why) {
        agent.launch("--secret-dir", folder.toString(), "--secret-file", "F=one", "--", "true")
                .refuses(125, "--secret-dir " + folder + ": " + why);
        assertFalse(Files.exists(folder.resolve("F")));
    }

    @Test
    void refusesAFolderThatReachesADisk() throws IOException {
        Path folder = Files.createDirectory(agent.folder().resolve("on-disk"));
        agent.launch("--secret-dir", folder.toString(), "--secret-file", "F=one", "--", "true")
                .refuses(125, "tmpfs");
        assertFalse(Files.exists(folder.resolve("F")));
        agent.launch("--secret-dir", "/no/such", "--secret-file", "F=one", "--", "true")
                .refuses(125, "/no/such");
    }

    @Test
    void aVariableCannotHoldWhatAFileCan() {
        agent.launch("--secret", "V=big", "--secret-file", "F=big", "--", "true")
                .refuses(125, "V=big");
        assertTrue(agent.launch("--secret-file", "F", "--", "true")
                .refuses(125, "argument 2")
                .errors()
                .contains("hint"));
    }
}
