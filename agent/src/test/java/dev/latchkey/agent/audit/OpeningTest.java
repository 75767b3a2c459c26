package dev.latchkey.agent.audit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.latchkey.agent.audit.AuditSettings.Durability;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.FailureKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an agent does with the log that it finds. */
final class OpeningTest {
    @TempDir
    private Path folder;

    private LogFixture fixture;

    @BeforeEach
    void setUp() {
        fixture = new LogFixture(folder);
    }

    @Test
    void continuesTheChain() {
        fixture.fill(2);
        fixture.fill(2);
        assertEquals(4, fixture.verify().records());
        assertTrue(fixture.verify().intact());
        assertEquals("", fixture.logged());
    }

    @Test
    void makesThePrivateFile() throws IOException {
        fixture.open().close();
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(fixture.path)));
    }

    @Test
    void takesAwayModesThatAnExistingFileHasTooMany() throws IOException {
        fixture.fill(1);
        Files.setPosixFilePermissions(fixture.path, PosixFilePermissions.fromString("rw-r--r--"));
        fixture.open().close();
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(fixture.path)));
        assertTrue(fixture.logged().contains("event=state-tightened"), fixture.logged());
        assertTrue(fixture.logged().contains("(mode 0644)"), fixture.logged());
    }

    @Test
    void cutsAnUnfinishedRecordOfAnyLengthAndRecordsIt() throws IOException {
        fixture.fill(2);
        byte[] good = fixture.bytes();
        int first = fixture.lines().getFirst().length();
        for (int length = 1; length < good.length; length++) {
            Files.write(fixture.path, Arrays.copyOf(good, length));
            fixture.logged.reset();
            fixture.open().close();
            long end = length < first ? 0 : first;
            assertArrayEquals(Arrays.copyOf(good, (int) end), fixture.bytes(), "length " + length);
            assertEquals(length == end ? "" : "bytes=" + (length - end) + " offset=" + end, cutLogged());
        }
    }

    @Test
    void recordsTheCutFirst() throws IOException {
        fixture.fill(2);
        byte[] good = fixture.bytes();
        int first = fixture.lines().getFirst().length();
        Files.write(fixture.path, Arrays.copyOf(good, good.length - 1));
        fixture.fill(1);
        AuditRecord record = LogFixture.tail(fixture.path, 2).getFirst();
        assertEquals("recovered", record.kind());
        assertEquals(2, record.sequence());
        assertEquals(Map.of("bytes", (long) good.length - 1 - first, "offset", (long) first), record.fields());
        assertTrue(fixture.verify().intact());
    }

    @Test
    void refusesEveryFlippedByteOfTheEndAndChangesNothing() throws IOException {
        fixture.fill(2);
        byte[] good = fixture.bytes();
        for (int i = 0; i < good.length - 1; i++) {
            byte[] bad = good.clone();
            bad[i] ^= 1;
            Files.write(fixture.path, bad);
            AgentException refusal = assertThrows(AgentException.class, fixture::open, "byte " + i);
            assertEquals(FailureKind.STATE_UNUSABLE, refusal.kind());
            assertArrayEquals(bad, fixture.bytes());
        }
    }

    @Test
    void saysHowToBeginANewLog() throws IOException {
        fixture.fill(2);
        byte[] bad = fixture.bytes();
        bad[bad.length - 10] ^= 1;
        Files.write(fixture.path, bad);
        AgentException refusal = assertThrows(AgentException.class, fixture::open);
        assertEquals(
                "audit log " + fixture.path + " is damaged before byte " + bad.length
                        + ": its hash does not match its content",
                refusal.getMessage());
        assertEquals(
                "see 'agent audit verify " + fixture.path + "'; to begin a new log and keep this one: mv "
                        + fixture.path + " " + fixture.path + ".damaged",
                refusal.failure().hint().orElseThrow());
        Files.move(fixture.path, Path.of(fixture.path + ".damaged"));
        fixture.fill(1);
        assertTrue(fixture.verify().intact());
    }

    @Test
    void refusesAFileThatIsNoLog() throws IOException {
        for (String content : List.of("hello\n", "hello", "{\"seq\":1}\n", "\n", "\0\0\0", "{\"seq\":1,\n\0")) {
            Files.writeString(fixture.path, content);
            assertThrows(AgentException.class, fixture::open, content);
            assertEquals(content, Files.readString(fixture.path));
        }
    }

    @Test
    void refusesALinkAndAFolder() throws IOException {
        Path elsewhere = Files.createFile(folder.resolve("elsewhere"));
        Files.createSymbolicLink(fixture.path, elsewhere);
        AgentException link = assertThrows(AgentException.class, fixture::open);
        assertEquals("audit log " + fixture.path + " cannot be opened: it is not a regular file", link.getMessage());
        Files.delete(fixture.path);
        Files.createDirectory(fixture.path);
        assertThrows(AgentException.class, fixture::open);
    }

    @Test
    void namesAFolderThatIsNotThere() {
        LogFixture missing = new LogFixture(folder.resolve("missing"));
        AgentException refusal = assertThrows(AgentException.class, missing::open);
        assertEquals(FailureKind.STATE_UNUSABLE, refusal.kind());
        assertTrue(refusal.failure().message().contains(missing.path + " cannot be opened"), refusal.getMessage());
    }

    @Test
    void continuesAfterTheNewestRotatedFileIfTheCurrentOneIsEmptyOrMissing() throws IOException {
        try (FileAuditLog log = fixture.open(Durability.WRITE, 1, Duration.ZERO)) {
            log.append(new AuditEvent.Stopped());
            log.append(new AuditEvent.Stopped());
        }
        Files.write(fixture.path, new byte[0]);
        fixture.fill(1);
        assertTrue(fixture.verify().intact(), () -> fixture.verify().report().toString());
        Files.delete(fixture.path);
        fixture.fill(1);
        assertTrue(fixture.verify().intact(), () -> fixture.verify().report().toString());
        assertEquals("continued", LogFixture.tail(fixture.path, 2).getFirst().kind());
    }

    private String cutLogged() {
        String logged = fixture.logged();
        int at = logged.indexOf("bytes=");
        return at < 0 ? "" : logged.substring(at).strip();
    }
}
