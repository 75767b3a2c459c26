package dev.latchkey.agent.audit;

import dev.latchkey.agent.audit.AuditSettings.Durability;
import dev.latchkey.agent.health.Readiness;
import dev.latchkey.agent.telemetry.Log;
import dev.latchkey.agent.workload.Caller;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/** A log in a folder, with a clock that stands still until it is moved. */
final class LogFixture {
    static final String BOOT = "e8c3fe39-3351-4041-bdcd-991523fc89f3";
    static final Instant START = Instant.parse("2026-11-22T10:00:00.000250Z");

    final Path path;
    final Readiness readiness = new Readiness();
    final ByteArrayOutputStream logged = new ByteArrayOutputStream();
    final AtomicReference<Instant> now = new AtomicReference<>(START);
    private final AtomicLong nanos = new AtomicLong(1_000);

    LogFixture(Path folder) {
        this.path = folder.resolve("audit.log");
        readiness.serving();
    }

    FileAuditLog open() {
        return open(Durability.WRITE, 0, Duration.ZERO);
    }

    FileAuditLog open(Durability durability, long rotate, Duration keep) {
        Clock wall = InstantSource.tick(now::get, Duration.ofNanos(1)).withZone(ZoneOffset.UTC);
        AuditClock clock = new AuditClock(wall, () -> nanos.addAndGet(10), BOOT);
        Log log = new Log(
                new PrintStream(logged, true, StandardCharsets.UTF_8),
                Clock.systemUTC(),
                Log.Level.DEBUG,
                Log.Format.LOGFMT);
        return FileAuditLog.open(new AuditSettings(path, durability, rotate, keep), clock, readiness, log);
    }

    /** A new log with that many grants. */
    void fill(int grants) {
        try (FileAuditLog log = open()) {
            for (int i = 1; i <= grants; i++) {
                log.append(grant("secret-" + i));
            }
        }
    }

    AuditVerification verify() {
        return AuditReader.verify(path, Trust.NOTHING);
    }

    /** For files that nobody writes and that end in the middle of a record. */
    AuditVerification verifyWithoutWaiting() throws IOException {
        return new Verifier(Trust.NOTHING).verify(path, Patience.NONE);
    }

    AuditVerification verify(Head head) {
        return AuditReader.verify(path, Trust.in(head));
    }

    byte[] bytes() throws IOException {
        return Files.readAllBytes(path);
    }

    /** The lines, each with its newline. */
    List<String> lines() throws IOException {
        List<String> lines = new ArrayList<>();
        Files.readString(path, StandardCharsets.US_ASCII).lines().forEach(line -> lines.add(line + "\n"));
        return lines;
    }

    void replace(List<String> lines) throws IOException {
        Files.writeString(path, String.join("", lines), StandardCharsets.US_ASCII);
    }

    /** The newest records, the oldest of them first. */
    static List<AuditRecord> tail(Path path, int count) {
        try (Stream<AuditRecord> records = AuditReader.tail(path, count)) {
            return records.toList();
        }
    }

    /** What came after a record, oldest first. */
    static List<AuditRecord> after(Path path, long sequence, int limit) {
        try (Stream<AuditRecord> records = AuditReader.query(path, AuditQuery.ALL, () -> {})) {
            return records.filter(record -> record.sequence() > sequence)
                    .limit(limit)
                    .toList();
        }
    }

    String logged() {
        return logged.toString(StandardCharsets.UTF_8);
    }

    static Caller caller(long uid) {
        return new Caller("main", 4711, uid, 1000, List.of(4L, 27L));
    }

    static AuditEvent.Grant grant(String name) {
        return grant(name, "flow", 1000);
    }

    static AuditEvent.Grant grant(String name, String rule, long uid) {
        return new AuditEvent.Grant(
                caller(uid),
                "policy-1",
                Optional.of("/usr/bin/python3"),
                false,
                List.of(new AuditEvent.Item(
                        "TARGET", "store:default/default/" + name, true, Optional.of(rule), Optional.empty(), false)));
    }

    static AuditEvent.Outcome delivered(long grant, String name) {
        return new AuditEvent.Outcome(grant, "delivered", List.of("store:default/default/" + name + "@1"));
    }

    /** Waits until it holds, and says whether it did within ten seconds. */
    static boolean await(BooleanSupplier condition) {
        long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                return false;
            }
            Thread.onSpinWait();
        }
        return true;
    }
}
