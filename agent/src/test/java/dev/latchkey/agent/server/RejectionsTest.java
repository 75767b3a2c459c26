package dev.latchkey.agent.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.telemetry.Log;
import dev.latchkey.agent.workload.Caller;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class RejectionsTest {
    private final Fakes.FakeAudit audit = new Fakes.FakeAudit();
    private final ByteArrayOutputStream lines = new ByteArrayOutputStream();
    private final Log log = new Log(
            new PrintStream(lines, true, StandardCharsets.UTF_8), Clock.systemUTC(), Log.Level.WARN, Log.Format.LOGFMT);
    private final AtomicLong now = new AtomicLong();
    private final Rejections rejections = new Rejections(audit, log, Runnable::run, now::get, 2);

    @Test
    void eachUserHasItsOwnRoomInTheAuditLog() {
        reject(1000, 10);
        reject(2000, 1);
        assertEquals(3, audit.events.size());
    }

    @Test
    void whatIsNotWrittenIsCountedAndTheNextSecondHasRoomAgain() {
        reject(1000, 10);
        now.addAndGet(1_000_000_000);
        reject(1000, 1);
        assertEquals(3, audit.events.size());
        assertTrue(lines.toString(StandardCharsets.UTF_8).contains("event=connection-rejected count=8"));
    }

    @Test
    void auditLogThatCannotBeWrittenIsLogged() {
        Rejections failing = new Rejections(
                _ -> {
                    throw new AgentException(FailureKind.AUDIT_UNAVAILABLE, "the disk is full");
                },
                log,
                Runnable::run,
                now::get,
                2);
        failing.record(Optional.empty(), "bad-magic", "not a frame");
        assertTrue(lines.toString(StandardCharsets.UTF_8).contains("the disk is full"));
    }

    private void reject(long uid, int times) {
        for (int i = 0; i < times; i++) {
            rejections.record(Optional.of(new Caller("main", 1, uid, uid, List.of())), "bad-magic", "not a frame");
        }
    }
}
