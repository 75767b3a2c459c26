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
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LoggedRecordsTest {
    @Test
    void everyEventHasAKindThatCanBeAskedFor() {
        Set<String> kinds = Arrays.stream(AuditEvent.class.getPermittedSubclasses())
                .map(event -> event == AuditEvent.AdminAction.class ? "Admin" : event.getSimpleName())
                .map(name -> name.replaceAll("(?<=[a-z])(?=[A-Z])", "-").toLowerCase(Locale.ROOT))
                .collect(Collectors.toSet());
        assertEquals(kinds, Set.copyOf(AuditRecordView.KINDS));
    }

    @Test
    void readsWhatWasWritten(@TempDir Path folder) {
        Path file = folder.resolve("audit.log");
        AuditSettings settings = new AuditSettings(file, AuditSettings.Durability.WRITE, 0, Duration.ZERO);
        Log log = new Log(
                new PrintStream(PrintStream.nullOutputStream(), true, StandardCharsets.UTF_8),
                Clock.systemUTC(),
                Log.Level.ERROR,
                Log.Format.LOGFMT);
        AuditEvent.Actor actor = new AuditEvent.Actor(1, 1001, 1001, "editor");
        try (FileAuditLog written = FileAuditLog.open(settings, AuditClock.system(), new Readiness(), log)) {
            long action = written.append(new AuditEvent.AdminAction(actor, "secret put", "default/default/a", true));
            written.append(new AuditEvent.Outcome(action, "done", List.of("default/default/a@1")));
        }
        LoggedRecords records = new LoggedRecords(file);
        List<AuditRecordView> tail = new ArrayList<>();
        records.tail(1, tail::add);
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
                found::add);
        assertEquals(
                List.of(Optional.of(1001L)),
                found.stream().map(AuditRecordView::uid).toList());
        assertTrue(found.getFirst().record().text().startsWith("{"));
    }
}
