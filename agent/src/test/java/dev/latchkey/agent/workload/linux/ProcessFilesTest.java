package dev.latchkey.agent.workload.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.latchkey.agent.workload.Attested;
import dev.latchkey.agent.workload.Caller;
import dev.latchkey.agent.workload.ControlGroup;
import dev.latchkey.agent.workload.Sha256;
import dev.latchkey.agent.workload.linux.Pin.Connector;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcessFilesTest {
    private static final int PID = 42;
    private static final long GROUP = 990;

    @TempDir
    private Path proc;

    private final AtomicInteger asked = new AtomicInteger();
    private int diesAt = Integer.MAX_VALUE;

    @BeforeEach
    void makeProcess() throws IOException {
        Path folder = Files.createDirectory(proc.resolve("" + PID));
        Files.writeString(folder.resolve("cgroup"), "0::/system.slice/a.service\n");
        Files.writeString(folder.resolve("status"), "Name:\tlauncher\nGid:\t100\t100\t100\t100\nGroups:\t7 8 \n");
        Files.writeString(proc.resolve("program"), "content");
        Files.createSymbolicLink(folder.resolve("exe"), proc.resolve("program"));
    }

    @Test
    void tellsOfALivingProcess() throws Exception {
        assertEquals(
                new Attested.Known<>(new ControlGroup("/system.slice/a.service")),
                files(PID).controlGroup());
        assertEquals(new Attested.Known<>(true), files(PID).runs(proc.resolve("program")));
        assertEquals(
                new Attested.Known<>(new Sha256(sha256("content"))), files(PID).executableHash());
    }

    @Test
    void takesAFileForTheExecutableByWhatItIsNotByItsName() throws IOException {
        Files.createLink(proc.resolve("same"), proc.resolve("program"));
        Files.copy(proc.resolve("program"), proc.resolve("copy"));

        assertEquals(new Attested.Known<>(true), files(PID).runs(proc.resolve("same")));
        assertEquals(new Attested.Known<>(false), files(PID).runs(proc.resolve("copy")));
        assertEquals(new Attested.Known<>(false), files(PID).runs(proc.resolve("nowhere")));
    }

    @Test
    void asksWhetherItLivesBeforeAndAfterEachReading() {
        files(PID).controlGroup();
        assertEquals(2, asked.get());
        files(PID).runs(proc.resolve("program"));
        assertEquals(4, asked.get());
        files(PID).executableHash();
        assertEquals(6, asked.get());
    }

    @Test
    void knowsNothingOfAProcessThatEndedBeforeOrWhileItWasRead() {
        for (int moment = 1; moment <= 2; moment++) {
            diesAt = asked.get() + moment;
            assertUnknown(files(PID).controlGroup());
            diesAt = asked.get() + moment;
            assertUnknown(files(PID).runs(proc.resolve("program")));
            diesAt = asked.get() + moment;
            assertUnknown(files(PID).executableHash());
        }
    }

    @Test
    void knowsNothingOfWhatItMayNotRead() throws IOException {
        Files.delete(proc.resolve("" + PID).resolve("cgroup"));
        Files.delete(proc.resolve("" + PID).resolve("exe"));

        assertInstanceOf(Attested.Unknown.class, files(PID).controlGroup());
        assertInstanceOf(Attested.Unknown.class, files(PID).runs(proc.resolve("program")));
        assertInstanceOf(Attested.Unknown.class, files(PID).executableHash());
    }

    @Test
    void aCallerWithoutAPidHasNothingThatCouldBeRead() {
        assertInstanceOf(Attested.Absent.class, files(0).controlGroup());
        assertInstanceOf(Attested.Absent.class, files(0).runs(proc.resolve("program")));
        assertInstanceOf(Attested.Absent.class, files(0).executableHash());
        assertEquals(0, asked.get());
    }

    @Test
    void knowsTheLauncherByTheGroupThatItHadFromItsExecutableAndGaveUp() {
        assertEquals(new Attested.Known<>(GROUP), files(PID).launcher());
        assertEquals(2, asked.get());
    }

    @Test
    void takesNobodyForTheLauncherWhoHasTheGroupOtherwise() throws IOException {
        assertNoLauncher("not a launcher's alone", new Caller("main", PID, 1000, GROUP, List.of()), Optional.empty());
        assertNoLauncher("root can be in any group", new Caller("main", PID, 0, GROUP, List.of()), Optional.of(GROUP));
        String alone = "had not the launcher's group from its executable alone";
        assertNoLauncher(alone, new Caller("main", PID, 1000, 100, List.of()), Optional.of(GROUP));
        assertNoLauncher(alone, new Caller("main", PID, 1000, 100, List.of(GROUP)), Optional.of(GROUP));
        assertNoLauncher(alone, new Caller("main", PID, 1000, GROUP, List.of(GROUP)), Optional.of(GROUP));
        for (String groups : new String[] {
            "Gid:\t990\t990\t990\t990\nGroups:\t7\n", // a login, newgrp
            "Gid:\t990\t100\t100\t100\nGroups:\t7\n",
            "Gid:\t100\t990\t100\t100\nGroups:\t7\n",
            "Gid:\t100\t100\t990\t100\nGroups:\t7\n", // a launcher before it gave the group up
            "Gid:\t100\t100\t100\t990\nGroups:\t7\n",
            "Gid:\t100\t100\t100\t100\nGroups:\t7 990 \n"
        }) {
            Files.writeString(proc.resolve(PID + "/status"), groups);
            assertNoLauncher("did not give up", new Caller("main", PID, 1000, GROUP, List.of()), Optional.of(GROUP));
        }
    }

    @Test
    void doesNotKnowALauncherWhoseGroupsCannotBeRead() throws IOException {
        for (String bad : new String[] {"", "Gid:\t100\t100\t100\t100\n", "Groups:\t7\n"}) {
            Files.writeString(proc.resolve(PID + "/status"), bad);
            assertInstanceOf(Attested.Unknown.class, files(PID).launcher());
        }
        diesAt = asked.get() + 2;
        assertUnknown(files(PID).launcher());
        assertInstanceOf(Attested.Absent.class, files(0).launcher());
    }

    private void assertNoLauncher(String why, Caller caller, Optional<Long> group) {
        Attested<Long> found = new ProcessFiles(proc, new Connector(caller, group), () -> true).launcher();
        assertTrue(found instanceof Attested.Absent<Long>(String said) && said.contains(why), () -> why + ": " + found);
    }

    @Test
    void groupOutsideOfWhatTheAgentSeesIsNone() throws IOException {
        Files.writeString(proc.resolve("" + PID).resolve("cgroup"), "0::/../b\n");

        assertInstanceOf(Attested.Absent.class, files(PID).controlGroup());
    }

    @Test
    void tellsOfThisVeryProcess() {
        int self = (int) ProcessHandle.current().pid();
        ProcessFiles files = new ProcessFiles(connector(self, Optional.empty()), () -> true);

        assertInstanceOf(Attested.Known.class, files.controlGroup());
        assertEquals(new Attested.Known<>(true), files.runs(Path.of(System.getProperty("java.home"), "bin", "java")));
        assertInstanceOf(Attested.Known.class, files.executableHash());
    }

    private static void assertUnknown(Attested<?> attested) {
        assertTrue(attested instanceof Attested.Unknown<?>(String why) && why.contains("ended"), attested::toString);
    }

    private static Connector connector(int pid, Optional<Long> launcherGroup) {
        return new Connector(new Caller("main", pid, 1000, GROUP, List.of(7L)), launcherGroup);
    }

    private ProcessFiles files(int pid) {
        return new ProcessFiles(proc, connector(pid, Optional.of(GROUP)), () -> asked.incrementAndGet() < diesAt);
    }

    private static String sha256(String text) throws Exception {
        return HexFormat.of()
                .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
    }
}
