package dev.latchkey.agent.admin;

import dev.latchkey.agent.admin.view.AuditRecordView;
import dev.latchkey.agent.admin.view.HeadView;
import dev.latchkey.agent.admin.view.RawJson;
import dev.latchkey.agent.audit.AuditEvent;
import dev.latchkey.agent.audit.AuditLog;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.FailureKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/** A log in memory, that can be full. */
public final class FakeAudit implements AuditLog, AuditRecords {
    public final List<AuditEvent> events = new ArrayList<>();

    /** How many more records there is room for. */
    public volatile int room = Integer.MAX_VALUE;

    /** Queries find nothing, and go on until nobody wants to hear it any more. */
    public volatile boolean endless;

    /** How often an endless query looked. */
    public final AtomicLong looked = new AtomicLong();

    public volatile Optional<Filter> asked = Optional.empty();

    @Override
    public synchronized long append(AuditEvent event) {
        if (room == 0) {
            throw new AgentException(FailureKind.AUDIT_UNAVAILABLE, "the audit log cannot be written");
        }
        room--;
        events.add(event);
        return events.size();
    }

    @Override
    public HeadView head() {
        return new HeadView(7, "ab".repeat(32));
    }

    @Override
    public void tail(int count, Recipient<? super AuditRecordView> to) {
        for (int i = 0; i < count; i++) {
            to.accept(record(i + 1));
        }
    }

    @Override
    public void query(Filter filter, Recipient<? super AuditRecordView> to) {
        asked = Optional.of(filter);
        while (endless) {
            looked.incrementAndGet();
            to.requireThere();
            LockSupport.parkNanos(1_000);
        }
        to.accept(record(3));
    }

    /** What was appended so far. */
    public synchronized List<AuditEvent> appended() {
        return List.copyOf(events);
    }

    private static AuditRecordView record(long sequence) {
        return new AuditRecordView(
                sequence,
                FakeStore.NOW,
                "grant",
                Optional.of(1000L),
                List.of("flow"),
                List.of("store:default/default/a", "store:default/default/b"),
                Optional.empty(),
                "cd".repeat(32),
                new RawJson("{\"seq\":" + sequence + "}"));
    }
}
