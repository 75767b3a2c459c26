package dev.latchkey.agent.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.latchkey.agent.audit.AuditSettings.Durability;
import dev.latchkey.agent.audit.AuditVerification.Problem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What signed checkpoints add to the chain: who can write the file but has no key cannot make one that passes. */
@Timeout(120)
final class CheckpointTest {
    @TempDir
    private Path folder;

    private LogFixture fixture;
    private SigningKey key;
    private CheckpointKey known;

    @BeforeEach
    void setUp() {
        fixture = new LogFixture(folder);
        key = SigningKey.open(folder, new SecureRandom(), _ -> {});
        known = key.publicKey();
    }

    /** Opens the log, appends that many grants with a checkpoint after every third, and closes it in good order. */
    private void fill(int grants) {
        try (FileAuditLog log = fixture.open();
                Checkpoints checkpoints = log.signWith(key)) {
            for (int i = 1; i <= grants; i++) {
                log.append(LogFixture.grant("secret-" + i));
                if (i % 3 == 0) {
                    checkpoints.sign();
                }
            }
        }
    }

    @Test
    void signsEverythingBeforeIt() {
        fill(7);
        AuditVerification verification = verify();
        assertTrue(verification.intact(), () -> verification.report().toString());
        assertEquals(10, verification.records());
        AuditVerification.Covered covered = verification.covered().orElseThrow();
        assertEquals(9, covered.head().sequence());
        assertEquals(known, covered.key());
        List<String> report = verification.report();
        assertTrue(report.contains("signed up to sequence 9 by the key " + known.shown() + ", which was given"));
        assertTrue(report.contains("no head given: accidents only behind that, and not whether the end is missing"));
    }

    @Test
    void saysThatAKeyShouldBeKept() {
        fill(1);
        List<String> report = fixture.verify().report();
        assertTrue(report.contains("signed up to sequence 1 by the key " + known.shown()
                + ", no --public-key given: 'agent audit key' prints one to keep elsewhere"));
        assertTrue(report.contains("no head given: accidents only"));
    }

    @Test
    void addsNothingWhereNothingIsNew() {
        fill(3);
        long records = verify().records();
        fill(0);
        try (FileAuditLog log = fixture.open();
                Checkpoints checkpoints = log.signWith(key)) {
            log.append(LogFixture.grant("x"));
            checkpoints.sign();
            checkpoints.sign();
        }
        assertEquals(records + 2, verify().records());
    }

    @Test
    void isValidAfterACrashBetweenCheckpoints() throws IOException {
        fill(5);
        List<String> lines = fixture.lines();
        fixture.replace(lines.subList(0, 5));
        AuditVerification cut = verify();
        assertTrue(cut.intact(), () -> cut.report().toString());
        assertEquals(3, cut.covered().orElseThrow().head().sequence());
        fill(3);
        assertTrue(verify().intact(), () -> verify().report().toString());
        assertEquals(8, verify().covered().orElseThrow().head().sequence());
    }

    @Test
    void coversALogOfAVersionThatSignedNothing() {
        fixture.fill(5);
        Problem problem = verify().problem().orElseThrow();
        assertEquals(Damage.CHECKPOINT_MISSING, problem.damage());
        assertEquals("a key was given, but no checkpoint is in the log", problem.what());
        assertTrue(fixture.verify().intact());
        assertTrue(fixture.verify().report().contains("not signed: there is no checkpoint"));
        fill(2);
        assertTrue(verify().intact(), () -> verify().report().toString());
        assertEquals(7, verify().covered().orElseThrow().head().sequence());
    }

    @Test
    void findsEveryFlippedByteAndWhatWasHashedAnew() throws IOException {
        fill(4);
        List<String> good = fixture.lines();
        for (int line = 0; line < good.size(); line++) {
            for (int at = 0; at < good.get(line).length(); at++) {
                List<String> bad = new ArrayList<>(good);
                char[] chars = bad.get(line).toCharArray();
                chars[at] = (char) (chars[at] ^ 1);
                bad.set(line, new String(chars));
                fixture.replace(bad);
                assertEquals(line + 1, verify().problem().orElseThrow().line(), "line " + line + " byte " + at);
            }
        }
    }

    @Test
    void findsAChangeThatIsRehashedToTheEnd() throws IOException {
        fill(4);
        List<String> lines = fixture.lines();
        lines.set(1, lines.get(1).replace("secret-2", "secret-x"));
        fixture.replace(chain(lines));
        Problem problem = fixture.verify().problem().orElseThrow();
        assertEquals(Damage.SIGNATURE, problem.damage());
        assertEquals(4, problem.line());
        assertEquals("it signs record 3, which is not among those before it", withoutHash(problem.what()));
    }

    @Test
    void findsARemovalADuplicateAndASwapThatAreRehashedToTheEnd() throws IOException {
        fill(4);
        List<String> good = fixture.lines();
        List<String> removed = new ArrayList<>(good);
        removed.remove(1);
        List<String> doubled = new ArrayList<>(good);
        doubled.add(1, good.get(0));
        List<String> swapped = new ArrayList<>(good);
        Collections.swap(swapped, 0, 1);
        for (List<String> bad : List.of(removed, doubled, swapped)) {
            fixture.replace(chain(bad));
            assertEquals(
                    Damage.SIGNATURE, fixture.verify().problem().orElseThrow().damage());
        }
    }

    @Test
    void findsThatCheckpointsWereTakenOutWhereTheKeyIsKnown() throws IOException {
        fill(4);
        List<String> lines = fixture.lines();
        lines.removeIf(line -> line.contains("\"event\":\"checkpoint\""));
        fixture.replace(chain(lines));
        assertTrue(fixture.verify().intact(), "without a key this cannot be seen");
        assertEquals(Damage.CHECKPOINT_MISSING, verify().problem().orElseThrow().damage());
    }

    @Test
    void findsTheSpliceOfTwoLogsOfOneKey() throws IOException {
        fill(4);
        List<String> mine = fixture.lines();
        LogFixture other = new LogFixture(Files.createDirectory(folder.resolve("other")));
        other.now.set(LogFixture.START.plusSeconds(1));
        try (FileAuditLog log = other.open();
                Checkpoints _ = log.signWith(key)) {
            for (int i = 1; i <= 3; i++) {
                log.append(LogFixture.grant("secret-" + i));
            }
        }
        List<String> spliced = new ArrayList<>(mine.subList(0, 3));
        spliced.add(other.lines().get(3));
        fixture.replace(chain(spliced));
        Problem problem = verify().problem().orElseThrow();
        assertEquals(Damage.SIGNATURE, problem.damage());
        assertEquals(4, problem.line());
        assertEquals("what it signs is not the record 3 that is there", problem.what());
    }

    @Test
    void findsACheckpointThatIsTakenAgain() throws IOException {
        fill(4);
        List<String> lines = fixture.lines();
        lines.add(lines.get(3));
        fixture.replace(chain(lines));
        Problem problem = verify().problem().orElseThrow();
        assertEquals("it signs record 3, which was signed before", problem.what());
        assertEquals(Damage.SIGNATURE, problem.damage());
    }

    @Test
    void findsEveryChangedPartOfACheckpoint() throws IOException {
        fill(3);
        List<String> good = fixture.lines();
        String checkpoint = good.get(3);
        String signature = field(checkpoint, "signature");
        for (String bad : List.of(
                checkpoint.replace(signature, signature.substring(0, 127) + (signature.endsWith("0") ? "1" : "0")),
                checkpoint.replace(signature, "00".repeat(64)),
                checkpoint.replace(signature, signature.substring(2)),
                checkpoint.replace(",\"signature\":", ",\"other\":"),
                checkpoint.replace(known.hex(), "ff".repeat(32)),
                checkpoint.replace(known.hex(), "zz".repeat(32)),
                checkpoint.replace("\"boot\":\"e", "\"boot\":\"f"),
                checkpoint.replace("\"signed\":\"2026", "\"signed\":\"2027"),
                checkpoint.replace("\"head\":\"3:", "\"head\":\"2:"),
                checkpoint.replace("\"head\":\"3:", "\"head\":\"4:"),
                checkpoint.replace("\"head\":\"3:", "\"head\":\"three:"))) {
            assertFalse(bad.equals(checkpoint));
            List<String> lines = new ArrayList<>(good.subList(0, 3));
            lines.add(bad);
            fixture.replace(chain(lines));
            Problem problem = fixture.verify().problem().orElseThrow();
            assertEquals(Damage.SIGNATURE, problem.damage(), bad);
            assertEquals(4, problem.line());
        }
    }

    @Test
    void refusesAnotherKeyThanTheOneThatIsKnown() throws IOException {
        fill(3);
        CheckpointKey other = SigningKey.open(Files.createDirectory(folder.resolve("b")), new SecureRandom(), _ -> {})
                .publicKey();
        Problem problem = AuditReader.verify(fixture.path, Trust.in(List.of(other)))
                .problem()
                .orElseThrow();
        assertEquals(Damage.SIGNATURE, problem.damage());
        assertEquals("it is signed by the key " + known.shown() + ", which is not one that was given", problem.what());
        assertTrue(AuditReader.verify(fixture.path, Trust.in(List.of(other, known)))
                .intact());
    }

    @Test
    void refusesAKeyThatWasReplacedUnlessBothAreKnown() throws IOException {
        fill(3);
        Files.delete(folder.resolve(SigningKey.FILE));
        key = SigningKey.open(folder, new SecureRandom(), _ -> {});
        fill(1);
        Problem problem = fixture.verify().problem().orElseThrow();
        assertEquals(Damage.SIGNATURE, problem.damage());
        assertEquals(6, problem.line());
        assertTrue(problem.what().contains("the checkpoint before it by " + known.shown()), problem.what());
        assertEquals(Damage.SIGNATURE, verify().problem().orElseThrow().damage());
        assertTrue(AuditReader.verify(fixture.path, Trust.in(List.of(known, key.publicKey())))
                .intact());
    }

    @Test
    void findsThatTooMuchIsUnsigned() throws IOException {
        fill(3);
        int most = Signatures.MOST_UNSIGNED;
        try (FileAuditLog log = fixture.open()) {
            for (int i = 0; i < most; i++) {
                log.append(new AuditEvent.Stopped());
            }
        }
        Problem problem = verify().problem().orElseThrow();
        assertEquals(Damage.CHECKPOINT_MISSING, problem.damage());
        assertEquals(3 + most + 1, problem.sequence());
        assertEquals("no checkpoint signs any of the " + most + " records before it, after record 3", problem.what());
    }

    @Test
    void neverLeavesTooMuchUnsignedThoughNobodySignsBeside() {
        try (FileAuditLog log = fixture.open();
                Checkpoints _ = log.signWith(key)) {
            for (int i = 0; i < 2 * ChainWriter.MOST_UNSIGNED; i++) {
                log.append(new AuditEvent.Stopped());
            }
            assertTrue(log.unsigned() <= ChainWriter.MOST_UNSIGNED);
        }
        assertTrue(verify().intact(), () -> verify().report().toString());
    }

    @Test
    void signsByItselfWhatIsMuch() {
        try (FileAuditLog log = fixture.open();
                Checkpoints checkpoints = log.signWith(key)) {
            checkpoints.begin();
            for (int i = 0; i < Checkpoints.AT_LEAST; i++) {
                log.append(new AuditEvent.Stopped());
            }
            assertTrue(LogFixture.await(() -> log.unsigned() < Checkpoints.AT_LEAST));
            assertEquals(
                    "checkpoint", LogFixture.tail(fixture.path, 1).getFirst().kind());
        }
    }

    @Test
    void rotatesOnlyAfterACheckpoint() throws IOException {
        try (FileAuditLog log = fixture.open(Durability.WRITE, 2_000, Duration.ZERO);
                Checkpoints checkpoints = log.signWith(key)) {
            for (int i = 1; i <= 30; i++) {
                log.append(LogFixture.grant("secret-" + i));
                assertEquals(
                        i <= 15 ? 0 : 1, ChainFiles.allRotated(fixture.path).size());
                if (i == 15) {
                    checkpoints.sign();
                }
            }
        }
        Path rotated = ChainFiles.allRotated(fixture.path).getFirst().path();
        assertEquals("checkpoint", LogFixture.tail(rotated, 1).getFirst().kind());
        assertTrue(verify().intact(), () -> verify().report().toString());
        assertTrue(AuditReader.verify(rotated, Trust.in(List.of(known))).intact());
    }

    @Test
    void isValidWhereOlderFilesWereRemovedInTime() throws IOException {
        for (int file = 0; file < 4; file++) {
            try (FileAuditLog log = fixture.open(Durability.WRITE, 2_000, Duration.ofDays(400));
                    Checkpoints checkpoints = log.signWith(key)) {
                for (int i = 1; i <= 9; i++) {
                    log.append(LogFixture.grant("secret-" + i));
                    checkpoints.sign();
                }
            }
        }
        Path oldest = ChainFiles.allRotated(fixture.path).getFirst().path();
        Files.setLastModifiedTime(oldest, FileTime.from(fixture.now.get().minus(Duration.ofDays(401))));
        fill(3);
        fixture.open(Durability.WRITE, 2_000, Duration.ofDays(400)).close();
        try (FileAuditLog log = fixture.open(Durability.WRITE, 2_000, Duration.ofDays(400));
                Checkpoints _ = log.signWith(key)) {
            log.append(LogFixture.grant("last"));
        }
        assertFalse(Files.exists(oldest));
        AuditVerification verification = verify();
        assertTrue(verification.first() > 1);
        assertTrue(verification.intact(), () -> verification.report().toString());
    }

    @Test
    void acceptsASignatureOfTheLastRecordThatIsNoLongerKept() throws IOException {
        fill(3);
        List<String> lines = fixture.lines();
        Head gone = new Head(4, field(lines.get(3), "hash"));
        AuditEvent.Checkpoint late = key.sign(gone, new AuditClock(Clock.systemUTC(), () -> 1, LogFixture.BOOT));
        fixture.replace(List.of());
        Path rotated = folder.resolve("audit.log.4-" + gone.hash().substring(0, 8));
        Files.writeString(rotated, String.join("", lines), StandardCharsets.US_ASCII);
        try (FileAuditLog log = fixture.open()) {
            log.append(new AuditEvent.Removed(rotated.getFileName().toString()));
        }
        Files.delete(rotated);
        String removed = fixture.lines().getLast();
        String content = removed.substring(0, removed.indexOf("\"event\":"))
                .replace("\"seq\":6", "\"seq\":7")
                .replace(field(removed, "prev"), field(removed, "hash"));
        String checkpoint = seal(content + "\"event\":\"checkpoint\",\"head\":\"" + gone + "\",\"signed\":\""
                + late.signed() + "\",\"key\":\"" + known.hex() + "\",\"signature\":\"" + late.signature() + '"');
        Files.writeString(fixture.path, checkpoint, StandardCharsets.US_ASCII, StandardOpenOption.APPEND);
        assertTrue(verify().intact(), () -> verify().report().toString());
        assertEquals(gone, verify().covered().orElseThrow().head());
    }

    @Test
    void findsThatARotatedFileHasLostItsCheckpoint() throws IOException {
        try (FileAuditLog log = fixture.open();
                Checkpoints checkpoints = log.signWith(key)) {
            log.append(LogFixture.grant("first"));
            checkpoints.sign();
            log.append(LogFixture.grant("second"));
        }
        List<String> lines = fixture.lines();
        String file = "audit.log.3-00000000";
        Files.writeString(folder.resolve(file), String.join("", lines.subList(0, 3)), StandardCharsets.US_ASCII);
        String last = field(lines.get(2), "hash");
        String continued = lines.get(3)
                .replaceFirst(
                        "\"event\":.*,\"hash\"",
                        "\"event\":\"continued\",\"file\":\"" + file + "\",\"last\":\"3:" + last + "\",\"hash\"");
        fixture.replace(List.of(seal(continued.substring(0, continued.indexOf(",\"hash\":")))));
        Problem problem = verify().problem().orElseThrow();
        assertEquals(Damage.CHECKPOINT_MISSING, problem.damage());
        assertEquals("the file before does not end with a checkpoint, as a rotated file does", problem.what());
    }

    @Test
    void signsWhileOthersAppendAndFilesAreRotated() throws Exception {
        List<Thread> writers = new ArrayList<>();
        try (FileAuditLog log = fixture.open(Durability.WRITE, 100_000, Duration.ZERO);
                Checkpoints checkpoints = log.signWith(key)) {
            checkpoints.begin();
            for (int thread = 0; thread < 8; thread++) {
                writers.add(Thread.ofVirtual().start(() -> {
                    for (int i = 0; i < 500; i++) {
                        log.append(LogFixture.grant("secret-" + i));
                    }
                }));
            }
            for (Thread writer : writers) {
                writer.join();
            }
        }
        AuditVerification verification = verify();
        assertTrue(verification.intact(), () -> verification.report().toString());
        assertTrue(verification.files().size() > 2, "rotated");
        assertTrue(verification.records() > 4_000);
    }

    private AuditVerification verify() {
        return AuditReader.verify(fixture.path, Trust.in(List.of(known)));
    }

    private static String withoutHash(String what) {
        return what.replace(
                "what it signs is not the record 3 that is there",
                "it signs record 3, which is not among those before it");
    }

    /** What somebody who can write the file can do: number and link all of it anew. */
    private static List<String> chain(List<String> lines) {
        List<String> chained = new ArrayList<>();
        String previous = RecordLine.NO_HASH;
        for (String line : lines) {
            String content = line.substring(0, line.indexOf(",\"hash\":"))
                    .replaceFirst(
                            "\\{\"seq\":[0-9]+,\"prev\":\"[0-9a-f]+\"",
                            "{\"seq\":" + (chained.size() + 1) + ",\"prev\":\"" + previous + "\"");
            String sealed = seal(content);
            previous = field(sealed, "hash");
            chained.add(sealed);
        }
        return chained;
    }

    private static String seal(String content) {
        byte[] digest = RecordLine.sha256().digest(content.getBytes(StandardCharsets.US_ASCII));
        return content + ",\"hash\":\"" + HexFormat.of().formatHex(digest) + "\"}\n";
    }

    private static String field(String line, String name) {
        String from = line.substring(line.indexOf("\"" + name + "\":\"") + name.length() + 4);
        return from.substring(0, from.indexOf('"'));
    }
}
