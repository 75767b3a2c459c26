package dev.latchkey.agent.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.latchkey.agent.audit.AuditSettings.Durability;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.FailureKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Head, tail and queries over a log of several files. */
final class ReadingTest {
    private static final AuditEvent.Actor ROOT = new AuditEvent.Actor(1, 0, 0, "admin");

    @TempDir
    private Path folder;

    private LogFixture fixture;
    private long grantOfA;
    private long outcomeOfA;
    private long grantOfB;
    private long outcomeOfB;
    private long refusal;
    private long admin;
    private long outcomeOfAdmin;

    @BeforeEach
    void setUp() {
        fixture = new LogFixture(folder);
        try (FileAuditLog log = fixture.open(Durability.WRITE, 1_000, Duration.ZERO)) {
            grantOfA = log.append(LogFixture.grant("a", "flow", 1000));
            outcomeOfA = log.append(LogFixture.delivered(grantOfA, "a"));
            fixture.now.set(LogFixture.START.plusSeconds(60));
            grantOfB = log.append(LogFixture.grant("b", "web", 1001));
            outcomeOfB = log.append(new AuditEvent.Outcome(grantOfB, "timed-out", List.of()));
            fixture.now.set(LogFixture.START.plusSeconds(120));
            AuditEvent.Item denied = new AuditEvent.Item(
                    "B", "vault:web/b", false, Optional.empty(), Optional.of("no rule matches the caller"), false);
            refusal = log.append(
                    new AuditEvent.Refusal(LogFixture.caller(1000), "p", Optional.empty(), false, List.of(denied)));
            admin = log.append(new AuditEvent.AdminAction(ROOT, "secret put", "default/default/b", true));
            outcomeOfAdmin = log.append(new AuditEvent.Outcome(admin, "delivered", List.of()));
        }
    }

    @Test
    void readsEveryRecordInOrder() {
        long newest = AuditReader.head(fixture.path).orElseThrow().sequence();
        assertEquals(LongStream.rangeClosed(1, newest).boxed().toList(), query(AuditQuery.ALL));
    }

    @Test
    void findsASecretByLocationPathOrNameWithItsOutcomes() {
        assertEquals(List.of(grantOfA, outcomeOfA), secret("store:default/default/a"));
        assertEquals(List.of(grantOfA, outcomeOfA), secret("default/default/a"));
        assertEquals(List.of(grantOfA, outcomeOfA), secret("a"));
        assertEquals(List.of(grantOfB, outcomeOfB, refusal, admin, outcomeOfAdmin), secret("b"));
        assertEquals(List.of(refusal), secret("vault:web/b"));
        assertEquals(List.of(), secret("efault/a"));
        assertEquals(List.of(), secret(""));
    }

    @Test
    void findsAWorkloadByRuleOrUidWithItsOutcomes() {
        assertEquals(List.of(grantOfB, outcomeOfB), workload("web"));
        assertEquals(List.of(grantOfB, outcomeOfB), workload("1001"));
        assertEquals(List.of(grantOfA, outcomeOfA, refusal), workload("1000"));
        assertEquals(List.of(admin, outcomeOfAdmin), workload("0"));
        assertEquals(List.of(), workload("fl"));
    }

    @Test
    void findsByKindAndTime() {
        assertEquals(List.of(grantOfA, grantOfB), query(kind("grant")));
        assertEquals(List.of(), query(kind("outcomes")));
        Instant minute = LogFixture.START.plusSeconds(60);
        assertEquals(
                grantOfB,
                query(between(Optional.of(minute), Optional.empty())).stream()
                        .filter(sequence -> sequence > outcomeOfA)
                        .filter(sequence -> sequence == grantOfB)
                        .findFirst()
                        .orElseThrow());
        assertEquals(
                outcomeOfA,
                query(between(Optional.empty(), Optional.of(minute))).getLast());
        assertEquals(List.of(), query(between(Optional.of(minute.plusSeconds(600)), Optional.empty())));
    }

    @Test
    void combinesConditions() {
        AuditQuery query = new AuditQuery(
                Optional.of("b"), Optional.of("web"), Optional.of("outcome"), Optional.empty(), Optional.empty());
        assertEquals(List.of(outcomeOfB), query(query));
    }

    @Test
    void givesTheNewestRecords() {
        assertEquals(List.of(), sequences(LogFixture.tail(fixture.path, 0)));
        assertEquals(List.of(admin, outcomeOfAdmin), sequences(LogFixture.tail(fixture.path, 2)));
        assertEquals(query(AuditQuery.ALL), sequences(LogFixture.tail(fixture.path, 100)));
    }

    @Test
    void handsOverOneRecordAfterTheOtherAndNotAllAtTheEnd() throws IOException {
        LogFixture one = new LogFixture(Files.createDirectory(folder.resolve("one")));
        one.fill(5);
        List<String> lines = one.lines();
        lines.set(3, lines.get(3).replace("secret-4", "secret-x"));
        one.replace(lines);
        List<Long> seen = new ArrayList<>();
        try (Stream<AuditRecord> records = AuditReader.tail(one.path, 5)) {
            assertThrows(
                    AgentException.class,
                    () -> records.map(AuditRecord::sequence).forEach(seen::add));
        }
        assertEquals(List.of(1L, 2L, 3L), seen);
        assertEquals(List.of(5L), sequences(LogFixture.tail(one.path, 1)), "what is before is not looked at");
    }

    @Test
    void endsAQueryThatFindsNothingWhenItIsNotWantedAnyMore() {
        List<Integer> looked = new ArrayList<>();
        Runnable before = () -> {
            looked.add(0);
            if (looked.size() == 3) {
                throw new IllegalStateException("gone");
            }
        };
        try (Stream<AuditRecord> records = AuditReader.query(fixture.path, kind("none"), before)) {
            assertThrows(IllegalStateException.class, records::count);
        }
        assertEquals(3, looked.size());
    }

    @Test
    void remembersNoMoreUnconcludedRecordsThanThereCanBe() {
        QueryFilter filter = new QueryFilter(new AuditQuery(
                Optional.empty(), Optional.of("flow"), Optional.empty(), Optional.empty(), Optional.empty()));
        AuditRecord grant = LogFixture.after(fixture.path, grantOfA - 1, 1).getFirst();
        AuditRecord outcome = LogFixture.after(fixture.path, outcomeOfA - 1, 1).getFirst();
        long last = QueryFilter.MOST_UNCONCLUDED + 1L;
        for (long i = 1; i <= last; i++) {
            assertTrue(filter.test(with(grant, i, grant.fields())));
        }
        assertFalse(filter.test(with(outcome, last + 1, Map.of("grant", 1L))), "the oldest is forgotten");
        assertTrue(filter.test(with(outcome, last + 2, Map.of("grant", 2L))));
        assertTrue(filter.test(with(outcome, last + 3, Map.of("grant", last))));
    }

    private static AuditRecord with(AuditRecord like, long sequence, Map<String, Object> fields) {
        Head head = new Head(sequence, like.head().hash());
        return new AuditRecord(
                head, like.previous(), like.time(), like.monotonic(), like.boot(), like.kind(), fields, like.json());
    }

    @Test
    void leavesOutARecordThatIsBeingWritten() throws IOException {
        List<Long> before = query(AuditQuery.ALL);
        Files.writeString(fixture.path, "{\"seq\":9", StandardOpenOption.APPEND);
        assertEquals(before, query(AuditQuery.ALL));
        assertEquals(
                outcomeOfAdmin, AuditReader.head(fixture.path).orElseThrow().sequence());
    }

    @Test
    void givesRowsForTables() {
        AuditRecord record = LogFixture.after(fixture.path, grantOfA - 1, 1).getFirst();
        assertEquals(
                List.of("1", "2026-11-22T10:00:00.000250Z", "grant", "1000", "flow", "store:default/default/a", ""),
                record.row());
        assertEquals(AuditRecord.COLUMNS.size(), record.row().size());
        assertEquals(
                "delivered",
                LogFixture.after(fixture.path, grantOfA, 1).getFirst().row().getLast());
    }

    @Test
    void namesAMissingLogAndADamagedOne() throws IOException {
        Path missing = folder.resolve("none.log");
        for (AgentException failure : List.of(
                assertThrows(AgentException.class, () -> AuditReader.verify(missing, Trust.NOTHING)),
                assertThrows(AgentException.class, () -> AuditReader.head(missing)),
                assertThrows(AgentException.class, () -> AuditReader.query(missing, AuditQuery.ALL, () -> {})))) {
            assertEquals(FailureKind.STATE_UNUSABLE, failure.kind());
            assertEquals(
                    "audit log " + missing + " cannot be read: there is no such file or folder", failure.getMessage());
        }
        Files.writeString(fixture.path, "no record\n", StandardOpenOption.APPEND);
        assertThrows(AgentException.class, () -> query(AuditQuery.ALL));
        assertThrows(AgentException.class, () -> LogFixture.tail(fixture.path, 1));
    }

    @Test
    void hasNoHeadWhileItIsEmpty() throws IOException {
        Path empty = Files.createFile(folder.resolve("empty.log"));
        assertEquals(Optional.empty(), AuditReader.head(empty));
        assertEquals(0, AuditReader.verify(empty, Trust.NOTHING).records());
    }

    @Test
    void readsHeadsAsItPrintsThem() {
        Head head = AuditReader.head(fixture.path).orElseThrow();
        assertEquals(head, Head.parse(head.toString()));
        for (String bad : List.of(
                "",
                "1",
                "1:",
                "0:" + head.hash(),
                "1:" + head.hash().toUpperCase(Locale.ROOT),
                "-1:" + head.hash(),
                "1:" + head.hash() + "\n")) {
            AgentException refusal = assertThrows(AgentException.class, () -> Head.parse(bad), bad);
            assertEquals(FailureKind.BAD_ARGUMENT, refusal.kind());
        }
    }

    private List<Long> secret(String secret) {
        return query(new AuditQuery(
                Optional.of(secret), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty()));
    }

    private List<Long> workload(String workload) {
        return query(new AuditQuery(
                Optional.empty(), Optional.of(workload), Optional.empty(), Optional.empty(), Optional.empty()));
    }

    private static AuditQuery kind(String kind) {
        return new AuditQuery(
                Optional.empty(), Optional.empty(), Optional.of(kind), Optional.empty(), Optional.empty());
    }

    private static AuditQuery between(Optional<Instant> since, Optional<Instant> until) {
        return new AuditQuery(Optional.empty(), Optional.empty(), Optional.empty(), since, until);
    }

    private List<Long> query(AuditQuery query) {
        try (Stream<AuditRecord> records = AuditReader.query(fixture.path, query, () -> {})) {
            return records.map(AuditRecord::sequence).toList();
        }
    }

    private static List<Long> sequences(List<AuditRecord> records) {
        return records.stream().map(AuditRecord::sequence).toList();
    }
}
