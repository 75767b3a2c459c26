package dev.latchkey.agent.server;

import dev.latchkey.agent.audit.AuditEvent;
import dev.latchkey.agent.audit.AuditLog;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.telemetry.Event;
import dev.latchkey.agent.telemetry.Key;
import dev.latchkey.agent.telemetry.Log;
import dev.latchkey.agent.workload.Caller;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;

/**
 * Writes what was rejected to the audit log, so many records a second for each uid; the rest is counted and told in one line of the
 * log. SECURITY: a hostile peer must not be able to fill the disk, and with it stop every grant. Any thread.
 */
final class Rejections {
    private static final long SECOND = 1_000_000_000;

    private final AuditLog audit;
    private final Log log;
    private final Executor executor;
    private final LongSupplier nanoTime;
    private final int perSecond;
    private final Map<Long, Integer> written = new HashMap<>();
    private long window;
    private long suppressed;

    Rejections(AuditLog audit, Log log, Executor executor, LongSupplier nanoTime, int perSecond) {
        this.audit = audit;
        this.log = log;
        this.executor = executor;
        this.nanoTime = nanoTime;
        this.perSecond = perSecond;
        this.window = nanoTime.getAsLong();
    }

    /** Does not block. */
    void record(Optional<Caller> caller, String code, String detail) {
        if (mayWrite(caller.map(Caller::uid).orElse(Quota.UNKNOWN_UID))) {
            executor.execute(() -> append(new AuditEvent.Rejected(caller, code, detail)));
        }
    }

    private synchronized boolean mayWrite(long uid) {
        long now = nanoTime.getAsLong();
        if (now - window >= SECOND) {
            nextWindow(now);
        }
        boolean room = written.merge(uid, 1, Integer::sum) <= perSecond;
        if (!room) {
            suppressed++;
        }
        return room;
    }

    private void nextWindow(long now) {
        if (suppressed > 0) {
            log.warn(Event.CONNECTION_REJECTED, Key.COUNT.of(suppressed));
        }
        window = now;
        suppressed = 0;
        written.clear();
    }

    private void append(AuditEvent event) {
        try {
            audit.append(event);
        } catch (AgentException e) {
            // Nothing was served, so nothing has to be undone; grants fail by themselves.
            log.error(Event.AUDIT_UNAVAILABLE, Key.MESSAGE.of(e.failure().message()));
        }
    }
}
