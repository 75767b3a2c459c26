package dev.latchkey.agent.audit;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.health.Readiness;
import dev.latchkey.agent.telemetry.Event;
import dev.latchkey.agent.telemetry.Key;
import dev.latchkey.agent.telemetry.Log;
import java.io.File;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The audit log in a hash-chained file (docs/reference/audit-log.md).
 *
 * <p>Appends that come together share one write and one flush. Each appender puts its entry into {@code pending}. Who finds
 * no leader leads: takes all that is pending as one batch, writes it, hands leadership to the first entry that came meanwhile, and
 * wakes its followers. So a lone append costs no switch of threads, and under load the batch grows with the time a flush takes.
 *
 * <p>INVARIANT: {@code chain} and {@code outage} belong to the leader; leadership passes under {@code lock} or by an entry's volatile
 * state, which also makes what a leader wrote visible to the next.
 *
 * <p>Whoever leads signs nothing: {@link Checkpoints} does, on a thread of its own, and its checkpoints are appended like all else.
 *
 * <p>An append that cannot be written throws, readiness fails, and from then on a thread tries to write by itself, so that the agent
 * becomes ready again without a request. The first record after an outage tells of it.
 */
public final class FileAuditLog implements AuditLog, AutoCloseable {
    private static final String PART = "audit";
    private static final Duration RETRY = Duration.ofMillis(250);

    /** What must be free before the retrying thread tries: a record that fits by chance ends no outage. */
    private static final long ROOM = 1 << 16;

    private final AuditSettings settings;
    private final AuditClock clock;
    private final Readiness readiness;
    private final Log log;
    private final ChainWriter chain;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition leaderless = lock.newCondition();
    private List<Entry> pending = new ArrayList<>();
    private boolean led;
    private boolean closed;

    private volatile @Nullable Outage outage;

    /** As of the last batch, for the thread that signs. */
    private volatile long unsigned;

    private volatile boolean pressing;

    private volatile @Nullable Thread signer;

    private FileAuditLog(AuditSettings settings, AuditClock clock, Readiness readiness, Log log, ChainWriter chain) {
        this.settings = settings;
        this.clock = clock;
        this.readiness = readiness;
        this.log = log;
        this.chain = chain;
    }

    /**
     * Opens the log, makes it if it is not there, and verifies its end.
     *
     * @throws AgentException of kind {@code STATE_UNUSABLE} if it is damaged or cannot be opened: the agent must not start
     */
    public static FileAuditLog open(AuditSettings settings, AuditClock clock, Readiness readiness, Log log) {
        LogFile.openMode(settings.path())
                .ifPresent(
                        mode -> log.warn(
                                Event.STATE_TIGHTENED,
                                Key.FILE.of(settings.path()),
                                Key.MESSAGE.of(
                                        "it was open to others (mode " + mode + ") and is the agent's alone now"),
                                Key.HINT.of(
                                        "whoever could open it may have read who uses which secrets, or changed it: agent audit verify")));
        ChainEnd end = ChainEnd.open(
                settings.path(),
                (bytes, offset) -> log.warn(
                        Event.AUDIT_CUT, Key.FILE.of(settings.path()), Key.BYTES.of(bytes), Key.OFFSET.of(offset)));
        return new FileAuditLog(settings, clock, readiness, log, new ChainWriter(settings, clock, end));
    }

    @Override
    public long append(AuditEvent event) {
        Entry entry = new Entry(event);
        run(entry);
        return entry.result();
    }

    /** Not where it waits for the disk, and not in an outage. A rotation, which is rare, is not foreseen: it waits for no disk either. */
    @Override
    public boolean appendsAtOnce() {
        return settings.durability() == AuditSettings.Durability.WRITE && outage == null;
    }

    /**
     * Has checkpoints signed with that key, to be called before anything is appended: {@link Checkpoints#begin} when there is time for it.
     * From then on files are rotated only after a checkpoint. A log that nobody signs rotates as soon as it is full.
     */
    public Checkpoints signWith(SigningKey key) {
        chain.signWith(key);
        return new Checkpoints(this, key);
    }

    /** That thread is woken when so much is unsigned that it should not wait. */
    void wakeForCheckpoints(Thread thread) {
        signer = thread;
    }

    /** How many records no checkpoint signs yet. */
    long unsigned() {
        return unsigned;
    }

    /** Whether that is so much, or waited for, that it should be signed now. */
    boolean isPressing() {
        return pressing;
    }

    /** The last record that was written; absent while there is none. */
    Optional<Head> head() {
        Entry entry = new Entry(null);
        run(entry);
        entry.result();
        return entry.head();
    }

    /**
     * Appends a signature of everything up to that record, unless all of it is signed by now.
     *
     * @throws AgentException as {@link #append}
     */
    void appendCheckpoint(SigningKey key, Head upTo) {
        append(key.sign(upTo, clock));
    }

    private void run(Entry entry) {
        if (enqueue(entry) || entry.awaitTurn()) {
            lead();
        }
    }

    /** Whether the entry leads at once. */
    private boolean enqueue(Entry entry) {
        lock.lock();
        try {
            if (closed) {
                throw new AgentException(FailureKind.AUDIT_UNAVAILABLE, "the audit log is closed");
            }
            pending.add(entry);
            boolean leads = !led;
            led = true;
            return leads;
        } finally {
            lock.unlock();
        }
    }

    private void lead() {
        List<Entry> batch = takePending();
        try {
            write(batch);
        } finally {
            handOver().ifPresent(Entry::lead);
            batch.forEach(Entry::end);
        }
    }

    private List<Entry> takePending() {
        lock.lock();
        try {
            List<Entry> batch = pending;
            pending = new ArrayList<>();
            return batch;
        } finally {
            lock.unlock();
        }
    }

    /** The next leader, still pending; nobody if nothing is. */
    private Optional<Entry> handOver() {
        lock.lock();
        try {
            if (pending.isEmpty()) {
                led = false;
                leaderless.signalAll();
                return Optional.empty();
            }
            return Optional.of(pending.getFirst());
        } finally {
            lock.unlock();
        }
    }

    private void write(List<Entry> batch) {
        try {
            chain.begin();
            Outage before = outage;
            if (before != null) {
                chain.add(new AuditEvent.Resumed(before.since(), before.refused()));
            }
            add(batch, false);
            // A checkpoint comes last, so that a file that only waits for one ends with it.
            add(batch, true);
            chain.commit();
            batch.forEach(entry -> entry.committed(chain));
            recovered(before);
            announce();
        } catch (IOException e) {
            failed(batch, e);
            return;
        }
        removeOutdated();
    }

    private void add(List<Entry> batch, boolean checkpoints) {
        for (Entry entry : batch) {
            if (entry.isCheckpoint() == checkpoints) {
                entry.addTo(chain);
            }
        }
    }

    /** Tells the signing thread what is to be signed. It looks by itself now and then, so it is woken only for much. */
    private void announce() {
        long now = chain.unsigned();
        unsigned = now;
        pressing = now >= Checkpoints.AT_LEAST || (now > 0 && chain.isFull());
        if (pressing) {
            LockSupport.unpark(signer);
        }
    }

    private void removeOutdated() {
        try {
            chain.removeOutdated();
        } catch (IOException e) {
            log.warn(Event.AUDIT_FILE_NOT_REMOVED, Key.FILE.of(settings.path()), Key.MESSAGE.of(ChainEnd.reason(e)));
        }
    }

    private void recovered(@Nullable Outage before) {
        if (before != null) {
            outage = null;
            readiness.recovered(PART);
            log.info(Event.AUDIT_RECOVERED, Key.FILE.of(settings.path()), Key.COUNT.of(before.refused()));
        }
    }

    private void failed(List<Entry> batch, IOException cause) {
        String message = "audit log " + settings.path() + " cannot be written: " + ChainEnd.reason(cause);
        cutUncommitted();
        Failure failure = Failure.of(
                FailureKind.AUDIT_UNAVAILABLE, message, "nothing is served until it can: check the disk it is on");
        long refused =
                batch.stream().filter(entry -> entry.refuse(failure, cause)).count();
        readiness.failing(PART, message);
        Outage before = outage;
        if (before != null) {
            outage = before.longer(refused);
            return;
        }
        Instant since = clock.wall().instant();
        outage = new Outage(since, refused);
        log.error(Event.AUDIT_UNAVAILABLE, Key.FILE.of(settings.path()), Key.MESSAGE.of(ChainEnd.reason(cause)));
        Thread.ofVirtual().name("audit-retry").start(() -> retry(since));
    }

    /** At once, so that the file ends with a whole record also while the outage lasts; what fails here is done by the next batch. */
    private void cutUncommitted() {
        try {
            chain.cutUncommitted();
        } catch (IOException e) {
            log.error(Event.AUDIT_UNAVAILABLE, Key.FILE.of(settings.path()), Key.MESSAGE.of(ChainEnd.reason(e)));
        }
    }

    private void retry(Instant since) {
        while (lasts(since) && !isClosed()) {
            LockSupport.parkNanos(RETRY.toNanos());
            if (lasts(since) && hasRoom()) {
                tryOnce();
            }
        }
    }

    /** Whether it is still that outage: the next one has a thread of its own. */
    private boolean lasts(Instant since) {
        Outage now = outage;
        return now != null && now.since().equals(since);
    }

    private void tryOnce() {
        try {
            run(new Entry(null));
        } catch (AgentException _) {
            // Closed meanwhile: the loop sees it and ends. A failure to write does not come this way.
        }
    }

    private boolean hasRoom() {
        File folder = ChainFiles.folder(settings.path()).toFile();
        // Some file systems count nothing; trying tells.
        return folder.getUsableSpace() >= ROOM || folder.getTotalSpace() == 0;
    }

    private boolean isClosed() {
        lock.lock();
        try {
            return closed;
        } finally {
            lock.unlock();
        }
    }

    /** Waits for what is being written; later appends are refused. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            while (led) {
                leaderless.awaitUninterruptibly();
            }
        } finally {
            lock.unlock();
        }
        closeChain();
    }

    private void closeChain() {
        try {
            chain.close();
        } catch (IOException e) {
            log.error(Event.AUDIT_UNAVAILABLE, Key.FILE.of(settings.path()), Key.MESSAGE.of(ChainEnd.reason(e)));
        }
    }

    /** A time in which nothing could be written. */
    private record Outage(Instant since, long refused) {
        Outage longer(long more) {
            return new Outage(since, refused + more);
        }
    }

    /** One append on its way; without an event it only asks for the head, or tries to end an outage. */
    private static final class Entry {
        private enum State {
            WAITING,
            LEADS,
            ENDED
        }

        private final @Nullable AuditEvent event;
        private final Thread appender = Thread.currentThread();
        private volatile State state = State.WAITING;
        private long sequence;
        private boolean committed;
        private Optional<Head> head = Optional.empty();
        private @Nullable RuntimeException refusal;

        Entry(@Nullable AuditEvent event) {
            this.event = event;
        }

        /** Waits until the entry has ended or its appender must lead, and says whether it must. */
        boolean awaitTurn() {
            boolean interrupted = false;
            while (state == State.WAITING) {
                LockSupport.park(this);
                interrupted |= Thread.interrupted();
            }
            if (interrupted) {
                appender.interrupt();
            }
            return state == State.LEADS;
        }

        void lead() {
            state = State.LEADS;
            LockSupport.unpark(appender);
        }

        void end() {
            state = State.ENDED;
            LockSupport.unpark(appender);
        }

        /** What is wrong with this event fails this append alone. */
        void addTo(ChainWriter chain) {
            if (event == null || (event instanceof AuditEvent.Checkpoint checkpoint && !chain.isNews(checkpoint))) {
                return;
            }
            try {
                sequence = chain.add(event);
            } catch (RuntimeException e) {
                refusal = e;
            }
        }

        boolean isCheckpoint() {
            return event instanceof AuditEvent.Checkpoint;
        }

        void committed(ChainWriter chain) {
            committed = refusal == null;
            if (event == null) {
                head = chain.head();
            }
        }

        Optional<Head> head() {
            return head;
        }

        /** Whether that was an event, and not refused already. */
        boolean refuse(Failure failure, IOException cause) {
            if (refusal != null) {
                return false;
            }
            refusal = new AgentException(failure, cause);
            return event != null;
        }

        long result() {
            if (committed) {
                return sequence;
            }
            throw refusal != null ? refusal : new IllegalStateException("an append ended without a result");
        }
    }
}
