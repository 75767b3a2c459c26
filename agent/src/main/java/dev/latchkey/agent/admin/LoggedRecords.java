package dev.latchkey.agent.admin;

import dev.latchkey.agent.admin.view.AuditRecordView;
import dev.latchkey.agent.admin.view.HeadView;
import dev.latchkey.agent.admin.view.RawJson;
import dev.latchkey.agent.audit.AuditQuery;
import dev.latchkey.agent.audit.AuditReader;
import dev.latchkey.agent.audit.AuditRecord;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.FailureKind;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** The records of the log file that the agent writes. */
public final class LoggedRecords implements AuditRecords {
    private final Path file;

    public LoggedRecords(Path file) {
        this.file = file;
    }

    @Override
    public HeadView head() {
        return AuditReader.head(file)
                .map(head -> new HeadView(head.sequence(), head.hash()))
                .orElseThrow(() -> new AgentException(FailureKind.STATE_UNUSABLE, "the audit log is empty: " + file));
    }

    @Override
    public void tail(int count, Consumer<? super AuditRecordView> to) {
        AuditReader.tail(file, count).stream().map(LoggedRecords::view).forEach(to);
    }

    @Override
    public void query(Filter filter, Consumer<? super AuditRecordView> to) {
        AuditQuery query =
                new AuditQuery(filter.secret(), filter.workload(), filter.kind(), filter.since(), filter.until());
        try (Stream<AuditRecord> records = AuditReader.query(file, query)) {
            records.map(LoggedRecords::view).forEach(to);
        }
    }

    private static AuditRecordView view(AuditRecord record) {
        return new AuditRecordView(
                record.sequence(),
                record.time(),
                record.kind(),
                record.uid(),
                List.copyOf(record.rules()),
                List.copyOf(record.secrets()),
                Optional.of(record.result()).filter(result -> !result.isEmpty()),
                record.head().hash(),
                new RawJson(record.json()));
    }
}
