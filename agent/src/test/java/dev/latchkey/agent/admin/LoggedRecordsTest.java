package dev.latchkey.agent.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.latchkey.agent.admin.view.AuditRecordView;
import dev.latchkey.agent.audit.AuditClock;
import dev.latchkey.agent.audit.AuditEvent;
import dev.latchkey.agent.audit.AuditSettings;
import dev.latchkey.agent.audit.FileAuditLog;
import dev.latchkey.agent.health.Readiness;
import dev.latchkey.agent.telemetry.Log;
import dev.latchkey.agent.workload.Caller;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LoggedRecordsTest {
    private static final Caller CALLER = new Caller("main", 42, 1000, 100, List.of());

    @Test
    void everyEventHasAKindThatCanBeAskedFor() {
        Set<String> kinds = Arrays.stream(AuditEvent.class.getPermittedSubclasses())
                .map(event -> event == AuditEvent.AdminAction.class ? "Admin" : event.getSimpleName())
                .map(name -> name.replaceAll("(?<=[a-z])(?=[A-Z])", "-").toLowerCase(Locale.ROOT))
                .collect(Collectors.toSet());
        assertEquals(kinds, Set.copyOf(AuditRecordView.KINDS));
    }

    @Test
    void tellsHowEachRecordEndedWhateverKindIsWanted(@TempDir Path folder) {
        Path file = folder.resolve("audit.log");
        AuditEvent.Item allowed = item("a", true, Optional.empty());
        AuditEvent.Item denied = item("b", false, Optional.of("no rule matches the caller"));
        AuditEvent.Item nonsense = item("nope/x", false, Optional.of("bad-reference"));
        try (FileAuditLog written = open(file)) {
            long first = written.append(new AuditEvent.Grant(CALLER, "p", Optional.empty(), false, List.of(allowed)));
            long dry = written.append(new AuditEvent.Grant(CALLER, "p", Optional.empty(), true, List.of(allowed)));
            written.append(new AuditEvent.Outcome(dry, "planned", List.of()));
            written.append(new AuditEvent.Outcome(first, "delivered", List.of("a@1")));
            written.append(new AuditEvent.Grant(CALLER, "p", Optional.empty(), false, List.of(allowed)));
            written.append(
                    new AuditEvent.Refusal(CALLER, "p", Optional.empty(), false, List.of(allowed, denied, nonsense)));
            written.append(new AuditEvent.Refusal(CALLER, "p", Optional.empty(), true, List.of(denied)));
            AuditEvent.Actor actor = new AuditEvent.Actor(1, 1001, 1001, "viewer");
            written.append(new AuditEvent.AdminAction(actor, "secret put", "a", false));
        }

        assertEquals(List.of("delivered", "dry run: planned", "-"), results(file, "grant"));
        assertEquals(
                List.of("b: no rule matches the caller; nope/x: bad-reference", "dry run: no rule matches the caller"),
                results(file, "refusal"));
        assertEquals(List.of("secret put: denied"), results(file, "admin"));
    }

    @Test
    void holdsNoMoreThanAFewRecordsBackForOneThatNeverEnds(@TempDir Path folder) {
        Path file = folder.resolve("audit.log");
        try (FileAuditLog written = open(file)) {
            AuditEvent.Grant grant = new AuditEvent.Grant(
                    CALLER, "p", Optional.empty(), false, List.of(item("a", true, Optional.empty())));
            long lost = written.append(grant);
            for (int i = 0; i < 300; i++) {
                written.append(new AuditEvent.Outcome(written.append(grant), "delivered", List.of()));
            }
            written.append(new AuditEvent.Outcome(lost, "late", List.of()));
        }
        List<String> results = results(file, "grant");
        assertEquals("-", results.getFirst());
        assertEquals(Collections.nCopies(300, "delivered"), results.subList(1, 301));
    }

    @Test
    void holdsNoMoreThanAFewLargeRecordsBack(@TempDir Path folder) {
        Path file = folder.resolve("audit.log");
        try (FileAuditLog written = open(file)) {
            AuditEvent.Item large = item("a".repeat(600_000), true, Optional.empty());
            AuditEvent.Grant grant = new AuditEvent.Grant(CALLER, "p", Optional.empty(), false, List.of(large));
            long lost = written.append(grant);
            written.append(new AuditEvent.Outcome(written.append(grant), "delivered", List.of()));
            written.append(new AuditEvent.Outcome(lost, "late", List.of()));
        }
        assertEquals(List.of("-", "delivered"), results(file, "grant"));
    }

    private static List<String> results(Path file, String kind) {
        List<AuditRecordView> found = new ArrayList<>();
        AuditRecords.Filter filter = new AuditRecords.Filter(
                Optional.empty(), Optional.empty(), Optional.of(kind), Optional.empty(), Optional.empty());
        new LoggedRecords(file).query(filter, taking(found));
        return found.stream().map(view -> view.result().orElse("-")).toList();
    }

    private static AuditEvent.Item item(String location, boolean allowed, Optional<String> reason) {
        return new AuditEvent.Item("A", location, allowed, Optional.empty(), reason, false);
    }

    private static FileAuditLog open(Path file) {
        AuditSettings settings = new AuditSettings(file, AuditSettings.Durability.WRITE, 0, Duration.ZERO);
        Log log = new Log(
                new PrintStream(PrintStream.nullOutputStream(), true, StandardCharsets.UTF_8),
                Clock.systemUTC(),
                Log.Level.ERROR,
                Log.Format.LOGFMT);
        return FileAuditLog.open(settings, AuditClock.system(), new Readiness(), log);
    }

    @Test
    void readsWhatWasWritten(@TempDir Path folder) {
        Path file = folder.resolve("audit.log");
        AuditEvent.Actor actor = new AuditEvent.Actor(1, 1001, 1001, "editor");
        try (FileAuditLog written = open(file)) {
            long action = written.append(new AuditEvent.AdminAction(actor, "secret put", "default/default/a", true));
            written.append(new AuditEvent.Outcome(action, "done", List.of("default/default/a@1")));
        }
        LoggedRecords records = new LoggedRecords(file);
        List<AuditRecordView> tail = new ArrayList<>();
        records.tail(1, taking(tail));
        assertEquals(records.head().sequence(), tail.getFirst().sequence());
        assertEquals(records.head().hash(), tail.getFirst().hash());
        assertEquals(List.of("default/default/a@1"), tail.getFirst().secrets());
        List<AuditRecordView> found = new ArrayList<>();
        records.query(
                new AuditRecords.Filter(
                        Optional.of("a"),
                        Optional.of("1001"),
                        Optional.of("admin"),
                        Optional.empty(),
                        Optional.empty()),
                taking(found));
        assertEquals(
                List.of(Optional.of(1001L)),
                found.stream().map(AuditRecordView::uid).toList());
        assertTrue(found.getFirst().record().text().startsWith("{"));
    }

    private static Recipient<AuditRecordView> taking(List<AuditRecordView> list) {
        return new Recipient<>() {
            @Override
            public void accept(AuditRecordView record) {
                list.add(record);
            }

            @Override
            public void requireThere() {
                // It is always there.
            }
        };
    }
}
