package dev.latchkey.agent.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.latchkey.agent.audit.AuditVerification.Problem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What verification finds in a log that somebody changed. */
final class TamperingTest {
    @TempDir
    private Path folder;

    private LogFixture fixture;

    @BeforeEach
    void setUp() {
        fixture = new LogFixture(folder);
        fixture.fill(5);
    }

    @Test
    void acceptsAnUnchangedLog() {
        AuditVerification verification = fixture.verify();
        assertTrue(verification.intact());
        assertEquals(5, verification.records());
        assertEquals(1, verification.first());
        assertEquals(AuditReader.head(fixture.path), verification.last());
        assertTrue(verification.report().contains("no head given: accidents only"));
    }

    @Test
    void namesTheLineOfEveryFlippedByte() throws IOException {
        byte[] good = fixture.bytes();
        int line = 1;
        for (int i = 0; i < good.length; i++) {
            byte[] bad = good.clone();
            bad[i] ^= 1;
            Files.write(fixture.path, bad);
            Problem problem = fixture.verify().problem().orElseThrow();
            assertEquals(line, problem.line(), "byte " + i + ": " + problem);
            assertEquals(line, problem.sequence(), "byte " + i + ": " + problem);
            line += good[i] == '\n' ? 1 : 0;
        }
    }

    @Test
    void findsADeletedRecord() throws IOException {
        List<String> lines = fixture.lines();
        lines.remove(2);
        fixture.replace(lines);
        assertProblem(3, Damage.REMOVED, "this is record 4: 1 before it are missing");
    }

    @Test
    void findsADuplicatedRecord() throws IOException {
        List<String> lines = fixture.lines();
        lines.add(2, lines.get(1));
        fixture.replace(lines);
        assertProblem(3, Damage.INSERTED, "this is another record 2, which was there already");
    }

    @Test
    void findsSwappedRecords() throws IOException {
        List<String> lines = fixture.lines();
        Collections.swap(lines, 1, 2);
        fixture.replace(lines);
        assertProblem(2, Damage.REORDERED, "record 2 comes only in line 3");
    }

    @Test
    void findsADeletedBeginning() throws IOException {
        List<String> lines = fixture.lines();
        lines.removeFirst();
        fixture.replace(lines);
        assertEquals(
                "the log begins in the middle of a chain: this is record 2",
                fixture.verify().problem().orElseThrow().what());
    }

    @Test
    void findsARecordOfAnotherLogPutInItsPlace() throws IOException {
        List<String> lines = fixture.lines();
        lines.set(2, otherLog().get(2));
        fixture.replace(lines);
        assertProblem(3, Damage.CHANGED, "it does not follow the record before it: that one was changed or replaced");
    }

    @Test
    void findsTheSpliceOfTwoLogs() throws IOException {
        List<String> lines = new ArrayList<>(fixture.lines().subList(0, 3));
        lines.addAll(otherLog().subList(3, 5));
        fixture.replace(lines);
        assertProblem(4, Damage.CHANGED, "it does not follow the record before it: that one was changed or replaced");
    }

    @Test
    void findsAnInsertedRecordThatIsHashedAnew() throws IOException {
        List<String> lines = fixture.lines();
        lines.set(3, reseal(lines.get(3), "secret-4", "secret-x"));
        fixture.replace(lines);
        assertProblem(5, Damage.CHANGED, "it does not follow the record before it: that one was changed or replaced");
    }

    @Test
    void findsWithAHeadThatTheWholeEndWasRewritten() throws IOException {
        Head kept = AuditReader.head(fixture.path).orElseThrow();
        List<String> lines = fixture.lines();
        lines.set(4, reseal(lines.get(4), "secret-5", "secret-x"));
        fixture.replace(lines);
        assertTrue(fixture.verify().intact(), "without a head this cannot be seen");
        Problem problem = fixture.verify(kept).problem().orElseThrow();
        assertEquals("its hash is not that of the head given: it or a record before it was changed", problem.what());
        assertEquals(5, problem.line());
    }

    @Test
    void findsWithAHeadThatTheEndIsMissing() throws IOException {
        Head kept = AuditReader.head(fixture.path).orElseThrow();
        fixture.replace(fixture.lines().subList(0, 4));
        assertTrue(fixture.verify().intact(), "without a head this cannot be seen");
        assertEquals(
                "the log ends before record 5 of the head given: records are missing",
                fixture.verify(kept).problem().orElseThrow().what());
    }

    @Test
    void acceptsAHeadOfAnOlderRecord() throws IOException {
        Head third = LogFixture.tail(fixture.path, 3).getFirst().head();
        assertTrue(fixture.verify(third).intact());
        assertEquals(Trust.in(third), fixture.verify(third).trust());
    }

    @Test
    void reportsTheExactCutForEveryLength() throws IOException {
        byte[] good = fixture.bytes();
        int whole = 0;
        int end = 0;
        for (int length = 0; length < good.length; length++) {
            if (length > 0 && good[length - 1] == '\n') {
                whole++;
                end = length;
            }
            Files.write(fixture.path, Arrays.copyOf(good, length));
            AuditVerification verification = fixture.verifyWithoutWaiting();
            assertEquals(whole, verification.records(), "length " + length);
            Optional<String> expected = length == end
                    ? Optional.empty()
                    : Optional.of(fixture.path + " line " + (whole + 1) + " (byte " + end + "), sequence " + (whole + 1)
                            + ": cut: " + (length - end) + " bytes of a record without an end");
            assertEquals(expected, verification.problem().map(Problem::toString));
        }
    }

    @Test
    void acceptsARecordOfAKindThatIsNotKnownYet() throws IOException {
        List<String> lines = fixture.lines();
        String last = lines.removeLast();
        lines.add(seal(content(last).replace("\"event\":\"grant\"", "\"event\":\"witnessed\",\"signature\":\"abc\"")));
        fixture.replace(lines);
        assertTrue(fixture.verify().intact());
        assertEquals("witnessed", LogFixture.tail(fixture.path, 1).getFirst().kind());
    }

    @Test
    void refusesAHashedLineThatIsNotARecord() throws IOException {
        for (String bad : List.of(
                content(fixture.lines().get(4)) + ",\"event\":\"twice\"",
                content(fixture.lines().get(4)).replace(",\"mono\":", ",\"other\":"),
                content(fixture.lines().get(4)).replace("TARGET", "TAR\u001bGET"),
                content(fixture.lines().get(4)).replace("\"dry\":false", "\"dry\":0.5"),
                content(fixture.lines().get(4)).replace("\"dry\":false", "\"dry\":no"),
                content(fixture.lines().get(4)).replace("\"time\":\"2026", "\"time\":\"year 2026"))) {
            List<String> lines = new ArrayList<>(fixture.lines().subList(0, 4));
            lines.add(seal(bad));
            Path other = Files.writeString(folder.resolve("other.log"), String.join("", lines));
            AuditVerification verification = AuditReader.verify(other, Trust.NOTHING);
            assertFalse(verification.intact(), bad);
            assertEquals(5, verification.problem().orElseThrow().line());
        }
    }

    @Test
    void listsLaunchesAndAdminCommandsWithoutAnOutcome() {
        try (FileAuditLog log = fixture.open()) {
            log.append(LogFixture.delivered(2, "secret-2"));
            log.append(new AuditEvent.Outcome(4, "timed-out", List.of()));
            var actor = new AuditEvent.Actor(1, 0, 0, "admin");
            long put = log.append(new AuditEvent.AdminAction(actor, "secret put", "a/b/c", true));
            log.append(new AuditEvent.AdminAction(actor, "secret purge", "a/b/c", true));
            log.append(new AuditEvent.AdminAction(actor, "secret list", "a/b", false));
            log.append(new AuditEvent.Outcome(put, "delivered", List.of()));
            log.append(new AuditEvent.Grant(LogFixture.caller(1), "p", Optional.empty(), true, List.of()));
        }
        AuditVerification verification = fixture.verify();
        assertTrue(verification.intact());
        assertEquals(
                List.of(1L, 3L, 5L),
                verification.launches().stream().map(AuditRecord::sequence).toList());
        assertEquals(
                List.of(9L),
                verification.actions().stream().map(AuditRecord::sequence).toList());
        assertTrue(
                verification
                        .report()
                        .contains(
                                "launch without an outcome: sequence 1 at 2026-11-22T10:00:00.000250Z, uid 1000, store:default/default/secret-1"));
    }

    private void assertProblem(long line, Damage damage, String what) {
        Problem problem = fixture.verify().problem().orElseThrow();
        assertEquals(new Problem(fixture.path, line, problem.offset(), line, damage, what), problem);
    }

    private List<String> otherLog() throws IOException {
        LogFixture other = new LogFixture(Files.createDirectory(folder.resolve("other")));
        other.now.set(LogFixture.START.plusSeconds(1));
        other.fill(5);
        return other.lines();
    }

    private static String content(String line) {
        return line.substring(0, line.indexOf(",\"hash\":"));
    }

    private static String reseal(String line, String from, String to) {
        return seal(content(line).replace(from, to));
    }

    /** What somebody who can write the file can do. */
    private static String seal(String content) {
        byte[] digest = RecordLine.sha256().digest(content.getBytes(StandardCharsets.US_ASCII));
        return content + ",\"hash\":\"" + HexFormat.of().formatHex(digest) + "\"}\n";
    }
}
