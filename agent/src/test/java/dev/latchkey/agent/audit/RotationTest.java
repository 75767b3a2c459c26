package dev.latchkey.agent.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.latchkey.agent.audit.AuditSettings.Durability;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.FailureKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One chain over several files. */
final class RotationTest {
    private static final long SIZE = 2_000;

    @TempDir
    private Path folder;

    private LogFixture fixture;

    @BeforeEach
    void setUp() {
        fixture = new LogFixture(folder);
    }

    @Test
    void linksTheFilesToOneChain() throws IOException {
        append(30, SIZE, Duration.ZERO);
        List<Path> rotated = rotated();
        assertTrue(rotated.size() > 3);
        AuditVerification verification = fixture.verify();
        assertTrue(verification.intact(), () -> verification.report().toString());
        assertEquals(rotated.size() + 1, verification.files().size());
        assertEquals(30 + rotated.size(), verification.records());
        for (Path path : rotated) {
            assertTrue(Files.size(path) >= SIZE && Files.size(path) < 2 * SIZE);
            assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(path)));
        }
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(fixture.path)));
    }

    @Test
    void beginsAFileWithTheEndOfTheOneBefore() throws IOException {
        append(30, SIZE, Duration.ZERO);
        Path before = rotated().getLast();
        Head last = AuditReader.head(before).orElseThrow();
        AuditRecord first = LogFixture.tail(fixture.path, Integer.MAX_VALUE).stream()
                .filter(record -> record.sequence() == last.sequence() + 1)
                .findFirst()
                .orElseThrow();
        assertEquals("continued", first.kind());
        assertEquals(last.hash(), first.previous());
        assertEquals(last.toString(), first.fields().get("last"));
        assertEquals(before.getFileName().toString(), first.fields().get("file"));
    }

    @Test
    void verifiesUpToARotatedFile() throws IOException {
        append(30, SIZE, Duration.ZERO);
        AuditVerification verification = AuditReader.verify(rotated().get(1), Trust.NOTHING);
        assertTrue(verification.intact());
        assertEquals(rotated().subList(0, 2), verification.files());
    }

    @Test
    void findsAByteChangedInARotatedFile() throws IOException {
        append(30, SIZE, Duration.ZERO);
        Path second = rotated().get(1);
        byte[] bytes = Files.readAllBytes(second);
        bytes[bytes.length / 2] ^= 1;
        Files.write(second, bytes);
        assertEquals(second, fixture.verify().problem().orElseThrow().file());
    }

    @Test
    void findsAMissingFileInTheMiddle() throws IOException {
        append(30, SIZE, Duration.ZERO);
        Files.delete(rotated().get(1));
        AuditVerification verification = fixture.verify();
        assertEquals(rotated().get(1), verification.problem().orElseThrow().file());
        assertEquals(1, verification.problem().orElseThrow().line());
    }

    @Test
    void findsThatTheOldestFileIsMissing() throws IOException {
        append(30, SIZE, Duration.ZERO);
        String oldest = rotated().getFirst().getFileName().toString();
        Files.delete(rotated().getFirst());
        assertEquals(
                "the file before, " + oldest + ", is missing and was not removed by the agent",
                fixture.verify().problem().orElseThrow().what());
    }

    @Test
    void namesACurrentFileThatIsMissing() throws IOException {
        append(30, SIZE, Duration.ZERO);
        Files.delete(fixture.path);
        assertThrows(NoSuchFileException.class, fixture::verifyWithoutWaiting);
        AgentException failure = assertThrows(AgentException.class, fixture::verify);
        assertEquals(
                "audit log " + fixture.path + " cannot be read: there is no such file or folder", failure.getMessage());
    }

    @Test
    void readersWaitForTheMomentInWhichThereIsNoCurrentFile() throws Exception {
        append(30, SIZE, Duration.ZERO);
        AuditVerification whole = fixture.verify();
        Path aside = folder.resolve("aside");
        for (Callable<Long> reader :
                List.<Callable<Long>>of(() -> fixture.verify().records(), this::countAll)) {
            Files.move(fixture.path, aside);
            FutureTask<Long> reading = new FutureTask<>(reader);
            Thread thread = Thread.ofPlatform().start(reading);
            assertTrue(LogFixture.await(() -> thread.getState() == Thread.State.TIMED_WAITING || reading.isDone()));
            Files.move(aside, fixture.path);
            assertEquals(whole.records(), reading.get());
        }
    }

    @Test
    void theNewestRecordIsKnownAlsoInThatMoment() throws IOException {
        append(30, SIZE, Duration.ZERO);
        Files.delete(fixture.path);
        assertEquals(AuditReader.head(rotated().getLast()), AuditReader.head(fixture.path));
    }

    private long countAll() {
        try (Stream<AuditRecord> records = AuditReader.query(fixture.path, AuditQuery.ALL, () -> {})) {
            return records.count();
        }
    }

    @Test
    void removesWhatIsOlderThanToKeepAndSaysSo() throws IOException {
        append(30, SIZE, Duration.ofDays(400));
        List<Path> before = rotated();
        age(before.get(0), Duration.ofDays(401));
        age(before.get(1), Duration.ofDays(401));
        append(1, SIZE, Duration.ofDays(400));
        assertEquals(before.subList(2, before.size()), rotated().subList(0, before.size() - 2));
        AuditVerification verification = fixture.verify();
        assertTrue(verification.intact(), () -> verification.report().toString());
        assertTrue(verification.first() > 1);
        Head gone = new Head(1, "00".repeat(32));
        assertEquals(
                "record 1 of the head given is no longer kept: compare a later head",
                fixture.verify(gone).problem().orElseThrow().what());
    }

    @Test
    void keepsForEverByDefault() throws IOException {
        append(30, SIZE, Duration.ZERO);
        int files = rotated().size();
        age(rotated().getFirst(), Duration.ofDays(100_000));
        append(1, 0, Duration.ZERO);
        assertEquals(files, rotated().size());
    }

    @Test
    void failsClosedWhileItCannotRotateAndRecovers() throws IOException {
        try (FileAuditLog log = fixture.open(Durability.WRITE, 1, Duration.ZERO)) {
            log.append(LogFixture.grant("first"));
            Files.delete(fixture.path);
            Files.writeString(fixture.path, "in the way");
            AgentException failure = assertThrows(AgentException.class, () -> log.append(LogFixture.grant("second")));
            assertEquals(FailureKind.AUDIT_UNAVAILABLE, failure.kind());
            assertEquals(
                    List.of("audit log " + fixture.path + " cannot be written: another file was put in its place"),
                    fixture.readiness.reasons());
            Files.delete(fixture.path);
            assertTrue(LogFixture.await(() -> fixture.readiness.reasons().isEmpty()));
        }
    }

    private void append(int grants, long rotate, Duration keep) {
        try (FileAuditLog log = fixture.open(Durability.WRITE, rotate, keep)) {
            for (int i = 0; i < grants; i++) {
                log.append(LogFixture.grant("secret-" + i));
            }
        }
    }

    private void age(Path path, Duration age) throws IOException {
        Files.setLastModifiedTime(path, FileTime.from(fixture.now.get().minus(age)));
    }

    private List<Path> rotated() throws IOException {
        return ChainFiles.allRotated(fixture.path).stream()
                .map(ChainFiles.Rotated::path)
                .toList();
    }
}
