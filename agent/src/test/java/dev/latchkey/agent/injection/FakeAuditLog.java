package dev.latchkey.agent.injection;

import dev.latchkey.agent.audit.AuditEvent;
import dev.latchkey.agent.audit.AuditLog;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.FailureKind;
import java.util.ArrayList;
import java.util.List;

/** Keeps events, and fails from a chosen one on. */
final class FakeAuditLog implements AuditLog {
    final List<AuditEvent> events = new ArrayList<>();

    boolean atOnce = true;

    private final List<String> trace;
    private int room = Integer.MAX_VALUE;

    FakeAuditLog(List<String> trace) {
        this.trace = trace;
    }

    /** Takes that many events more, then fails. */
    void failAfter(int more) {
        room = events.size() + more;
    }

    @Override
    public boolean appendsAtOnce() {
        return atOnce;
    }

    @Override
    public long append(AuditEvent event) {
        if (events.size() >= room) {
            throw new AgentException(FailureKind.AUDIT_UNAVAILABLE, "the audit log cannot be written");
        }
        trace.add("audit " + event.getClass().getSimpleName());
        events.add(event);
        return events.size();
    }
}
