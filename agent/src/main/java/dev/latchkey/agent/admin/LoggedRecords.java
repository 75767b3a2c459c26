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
    public void tail(int count, Recipient<? super AuditRecordView> to) {
        Endings endings = new Endings((record, ending) -> to.accept(view(record, ending)));
        try (Stream<AuditRecord> records = AuditReader.tail(file, count)) {
            records.peek(_ -> pause(to)).forEachOrdered(endings::accept);
        }
        endings.end();
    }

    @Override
    public void query(Filter filter, Recipient<? super AuditRecordView> to) {
        // Outcomes are read whatever kind is wanted, for they tell how the others ended.
        AuditQuery query =
                new AuditQuery(filter.secret(), filter.workload(), Optional.empty(), filter.since(), filter.until());
        Endings endings = new Endings((record, ending) -> {
            if (filter.kind().map(record.kind()::equals).orElse(true)) {
                to.accept(view(record, ending));
            }
        });
        try (Stream<AuditRecord> records = AuditReader.query(file, query, () -> pause(to))) {
            records.forEachOrdered(endings::accept);
        }
        endings.end();
    }

    /** Between two records. SECURITY: a virtual thread that computes keeps its carrier, of which there are few, so launches get their turn here. */
    @SuppressWarnings("ThreadPriorityCheck") // Virtual threads are scheduled by the JVM, in turn.
    private static void pause(Recipient<?> to) {
        to.requireThere();
        Thread.yield();
    }

    private static AuditRecordView view(AuditRecord record, Optional<String> ending) {
        return new AuditRecordView(
                record.sequence(),
                record.time(),
                record.kind(),
                record.uid(),
                List.copyOf(record.rules()),
                List.copyOf(record.secrets()),
                Optional.of(result(record, ending)).filter(result -> !result.isEmpty()),
                record.head().hash(),
                new RawJson(record.json()));
    }

    private static String result(AuditRecord record, Optional<String> ending) {
        String result = switch (record.kind()) {
            case "grant" -> ending.orElse("");
            case "refusal" -> String.join("; ", record.denials());
            case "admin" -> record.result() + failure(record, ending);
            default -> record.result();
        };
        return record.isDryRun() ? "dry run: " + result : result;
    }

    private static String failure(AuditRecord record, Optional<String> ending) {
        Optional<String> failure = record.isAllowedAction()
                ? ending.filter(end -> !end.equals(Accountability.DONE))
                : Optional.of(FailureKind.DENIED.text());
        return failure.map(text -> ": " + text).orElse("");
    }
}
