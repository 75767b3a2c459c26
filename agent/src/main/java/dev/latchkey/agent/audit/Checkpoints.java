package dev.latchkey.agent.audit;

import dev.latchkey.agent.failure.AgentException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/**
 * Signs the log from time to time (docs/adr/0026-checkpoints.md): what is not signed yet after ten seconds, sooner if it is much, and all of
 * it in the end.
 *
 * <p>Signing is done beside the log: the head is asked for, signed, and the signature appended, while others append. What came in
 * between is signed the next time. A log without new records gets no checkpoint.
 *
 * <p>In an outage nothing is signed; the first checkpoint after it covers what was written.
 */
public final class Checkpoints implements AutoCloseable {
    /** So many records do not wait for the interval. */
    static final long AT_LEAST = 512;

    private static final Duration INTERVAL = Duration.ofSeconds(10);

    private final FileAuditLog log;
    private final SigningKey key;
    private final Thread thread =
            Thread.ofPlatform().daemon().name("audit-checkpoints").unstarted(this::run);
    private volatile boolean closed;

    Checkpoints(FileAuditLog log, SigningKey key) {
        this.log = log;
        this.key = key;
    }

    /** Starts the thread. The first checkpoint comes an interval later, so that nobody who starts an agent waits for it. */
    public void begin() {
        log.wakeForCheckpoints(thread);
        thread.start();
    }

    private void run() {
        long due = System.nanoTime() + INTERVAL.toNanos();
        while (!closed) {
            LockSupport.parkNanos(this, due - System.nanoTime());
            // Woken by nobody, or again for what is signed by now: both happen.
            if (!closed && (log.isPressing() || System.nanoTime() - due >= 0)) {
                sign();
                due = System.nanoTime() + INTERVAL.toNanos();
            }
        }
    }

    /** Signs what is not signed yet. */
    void sign() {
        if (log.unsigned() == 0) {
            return;
        }
        try {
            Optional<Head> head = log.head();
            head.ifPresent(upTo -> log.appendCheckpoint(key, upTo));
        } catch (AgentException _) {
            // The log cannot be written, or is closed: it says so itself, and what is unsigned is signed when it can
            // be.
        }
    }

    /** Signs the rest, before the log is closed. */
    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(thread);
        sign();
    }
}
