package dev.latchkey.agent.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.workload.Caller;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RecordFormTest {
    private static final String COMMON =
            ",\"time\":\"2026-11-22T10:00:00.000250Z\",\"mono\":1010,\"boot\":\"e8c3fe39-3351-4041-bdcd-991523fc89f3\",\"event\":";

    @TempDir
    private Path folder;

    private LogFixture fixture;

    @BeforeEach
    void setUp() {
        fixture = new LogFixture(folder);
    }

    @Test
    void writesARecordAsTheReferenceSays() throws Exception {
        append(LogFixture.grant("my-secret"));
        String hashed = "{\"seq\":1,\"prev\":\"" + "0".repeat(64) + "\"" + COMMON
                + "\"grant\",\"caller\":{\"listener\":\"main\",\"pid\":4711,\"uid\":1000,\"gid\":1000,\"groups\":[4,27]},"
                + "\"policy\":\"policy-1\",\"command\":\"/usr/bin/python3\",\"dry\":false,"
                + "\"items\":[{\"target\":\"TARGET\",\"location\":\"store:default/default/my-secret\",\"allowed\":true,"
                + "\"rule\":\"flow\",\"reason\":null,\"dangerous\":false}]";
        assertEquals(
                hashed + ",\"hash\":\"" + sha256(hashed) + "\"}\n",
                fixture.lines().getFirst());
    }

    @Test
    void linksEachRecordToTheHashOfTheOneBefore() throws Exception {
        append(new AuditEvent.Stopped(), new AuditEvent.Stopped());
        List<AuditRecord> records = LogFixture.tail(fixture.path, 2);
        assertEquals(records.get(0).head().hash(), records.get(1).previous());
    }

    @Test
    void writesTheFieldsOfEveryOtherKind() throws Exception {
        Head head = new Head(7, "ab".repeat(32));
        appendOneOfEachOther(head);
        List<String> fields = fixture.lines().stream()
                .map(line -> line.substring(line.indexOf(",\"event\":") + 9, line.indexOf(",\"hash\":")))
                .toList();
        assertEquals(
                List.of(
                        "\"started\",\"version\":\"1.0\",\"policy\":\"p\"",
                        "\"stopped\"",
                        "\"policy-changed\",\"policy\":\"q\"",
                        "\"refusal\",\"caller\":{\"listener\":\"main\",\"pid\":4711,\"uid\":1,\"gid\":1000,\"groups\":[4,27]},"
                                + "\"policy\":\"p\",\"command\":null,\"dry\":true,\"items\":[]",
                        "\"outcome\",\"grant\":4,\"result\":\"delivered\",\"versions\":[\"store:a/b/c@1\",\"store:a/b/d@2\"]",
                        "\"rejected\",\"caller\":null,\"code\":\"malformed\",\"detail\":\"too-long\"",
                        "\"admin\",\"actor\":{\"pid\":3,\"uid\":0,\"gid\":0,\"role\":\"admin\"},\"action\":\"secret put\","
                                + "\"subject\":\"a/b/c\",\"allowed\":true",
                        "\"recovered\",\"bytes\":17,\"offset\":400",
                        "\"resumed\",\"since\":\"2026-11-22T09:00:01.000000Z\",\"refused\":3",
                        "\"continued\",\"file\":\"audit.log.7-abababab\",\"last\":\"" + head + "\"",
                        "\"removed\",\"file\":\"audit.log.3-00000000\"",
                        "\"checkpoint\",\"head\":\"" + head + "\",\"signed\":\"2026-11-22T10:00:00Z\",\"key\":\""
                                + "0d".repeat(32) + "\",\"signature\":\"" + "5a".repeat(64) + "\""),
                fields);
    }

    @Test
    void writesTheKindsThatTheReferenceNames() throws Exception {
        append(LogFixture.grant("a"));
        appendOneOfEachOther(new Head(7, "ab".repeat(32)));
        Path root = Path.of(Objects.requireNonNull(System.getProperty("latchkey.root")));
        Set<String> named = Pattern.compile("(?m)^\\| `([a-z-]+)` \\| [^|]*\\|[^|]+\\|$")
                .matcher(Files.readString(root.resolve("docs/reference/audit-log.md")))
                .results()
                .map(row -> row.group(1))
                .collect(Collectors.toSet());
        Set<String> written = LogFixture.tail(fixture.path, 100).stream()
                .map(AuditRecord::kind)
                .collect(Collectors.toSet());
        assertEquals(AuditEvent.class.getPermittedSubclasses().length, written.size());
        assertEquals(written, named);
    }

    @Test
    void keepsHostileTextInOneLineOfPrintableAscii() throws Exception {
        String hostile = "a\r\nb\u001b[2J\0\t\"\\\u007f\u009b\u2028\u202e\ud800é😀','\"}";
        append(new AuditEvent.Refusal(
                new Caller(hostile, 0, 4294967294L, 0, List.of()),
                hostile,
                Optional.of(hostile),
                false,
                List.of(new AuditEvent.Item(
                        hostile, hostile, false, Optional.of(hostile), Optional.of(hostile), true))));
        byte[] bytes = fixture.bytes();
        for (int i = 0; i < bytes.length - 1; i++) {
            assertTrue(bytes[i] >= ' ' && bytes[i] < 0x7F, "byte " + bytes[i] + " at " + i);
        }
        AuditRecord record = LogFixture.tail(fixture.path, 1).getFirst();
        assertEquals(hostile, record.fields().get("command"));
        assertEquals(
                List.of(Map.of(
                        "target",
                        hostile,
                        "location",
                        hostile,
                        "allowed",
                        false,
                        "rule",
                        hostile,
                        "reason",
                        hostile,
                        "dangerous",
                        true)),
                record.fields().get("items"));
        assertTrue(fixture.verify().intact());
    }

    @Test
    void writesFractionsAndSecondsWithLeadingZeros() throws Exception {
        fixture.now.set(Instant.parse("2036-01-02T03:04:05.000007999Z"));
        append(new AuditEvent.Stopped());
        assertTrue(fixture.lines().getFirst().contains("\"time\":\"2036-01-02T03:04:05.000007Z\""));
        fixture.now.set(Instant.parse("1969-12-31T23:59:58.5Z"));
        append(new AuditEvent.Stopped());
        assertTrue(fixture.lines().get(1).contains("\"time\":\"1969-12-31T23:59:58.500000Z\""));
    }

    @Test
    void refusesARecordOverTheLimitAndGoesOn() {
        try (FileAuditLog log = fixture.open()) {
            AgentException refusal = assertThrows(
                    AgentException.class, () -> log.append(LogFixture.grant("x".repeat(RecordLine.MAX_BYTES))));
            assertEquals(FailureKind.AUDIT_UNAVAILABLE, refusal.kind());
            assertEquals(1, log.append(new AuditEvent.Stopped()));
        }
        assertEquals(List.of(), fixture.readiness.reasons());
        assertTrue(fixture.verify().intact());
    }

    @Test
    void readsBackTheLargestRecord() {
        List<AuditEvent.Item> items = new ArrayList<>();
        for (int i = 0; i < 1024; i++) {
            items.add(new AuditEvent.Item(
                    "T" + i, "vault:" + "é".repeat(600), true, Optional.of("flow"), Optional.empty(), false));
        }
        append(
                new AuditEvent.Grant(LogFixture.caller(1), "p", Optional.empty(), false, items),
                new AuditEvent.Stopped());
        assertTrue(fixture.verify().intact(), () -> fixture.verify().report().toString());
        assertEquals(
                List.of("grant", "stopped"),
                LogFixture.tail(fixture.path, 5).stream().map(AuditRecord::kind).toList());
        append(new AuditEvent.Stopped());
        assertEquals(3, AuditReader.head(fixture.path).orElseThrow().sequence());
    }

    /** One event of each kind but a grant. */
    private void appendOneOfEachOther(Head head) {
        append(
                new AuditEvent.Started("1.0", "p"),
                new AuditEvent.Stopped(),
                new AuditEvent.PolicyChanged("q"),
                new AuditEvent.Refusal(LogFixture.caller(1), "p", Optional.empty(), true, List.of()),
                new AuditEvent.Outcome(4, "delivered", List.of("store:a/b/c@1", "store:a/b/d@2")),
                new AuditEvent.Rejected(Optional.empty(), "malformed", "too-long"),
                new AuditEvent.AdminAction(new AuditEvent.Actor(3, 0, 0, "admin"), "secret put", "a/b/c", true),
                new AuditEvent.Recovered(17, 400),
                new AuditEvent.Resumed(Instant.parse("2026-11-22T09:00:01Z"), 3),
                new AuditEvent.Continued("audit.log.7-abababab", head),
                new AuditEvent.Removed("audit.log.3-00000000"),
                new AuditEvent.Checkpoint(
                        head, "2026-11-22T10:00:00Z", new CheckpointKey("0d".repeat(32)), "5a".repeat(64)));
    }

    private void append(AuditEvent... events) {
        try (FileAuditLog log = fixture.open()) {
            for (AuditEvent event : events) {
                log.append(event);
            }
        }
    }

    private static String sha256(String text) throws Exception {
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.US_ASCII));
        return HexFormat.of().formatHex(digest);
    }
}
