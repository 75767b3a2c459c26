package dev.latchkey.agent.audit;

import dev.latchkey.agent.audit.AuditSettings.Durability;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.FailureKind;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.DigestException;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * The chain and its current file. One batch at a time: {@link #begin}, {@link #add} for each record, {@link #commit}.
 *
 * <p>INVARIANT: number, hash and size are those of the last committed batch. What a failed one left in the file is cut off before anything
 * else is written; while that fails, {@code begin} fails. Not for two threads at once.
 */
final class ChainWriter implements AutoCloseable {
    private static final int BUFFER = 1 << 16;
    private static final int HASH_BYTES = 32;

    /** More records than this are not left unsigned, and if the signing thread does not come to it, the batch signs first. */
    static final long MOST_UNSIGNED = 1 << 12;

    private final AuditSettings settings;
    private final AuditClock clock;
    private final MessageDigest sha = RecordLine.sha256();
    private final JsonBuffer buffer = new JsonBuffer(BUFFER);
    private final RecordEncoder encoder = new RecordEncoder(buffer);

    /** Records of the log itself that precede the next batch; kept until a commit. */
    private final List<AuditEvent> preface = new ArrayList<>();

    /** Files whose removal is in the preface. */
    private final List<Path> outdated = new ArrayList<>();

    /** Who signs checkpoints; empty: nobody does, and files are rotated without one. */
    private Optional<SigningKey> key = Optional.empty();

    /** The record up to which all is signed, or which was the last one when the log was opened. */
    private long covered;

    private long batchCovered;
    private boolean endsWithCheckpoint;
    private boolean batchEndsWithCheckpoint;

    private LogFile file;
    private long size;
    private boolean unclean;
    private boolean outdatedLookedFor;
    private long sequence;
    private byte[] hash;
    private long batchSequence;
    private byte[] batchHash = new byte[HASH_BYTES];

    ChainWriter(AuditSettings settings, AuditClock clock, ChainEnd end) {
        this.settings = settings;
        this.clock = clock;
        this.file = end.file();
        this.size = end.size();
        this.sequence = end.sequence();
        this.hash = HexFormat.of().parseHex(end.hash());
        this.covered = sequence;
        preface.addAll(end.preface());
    }

    /** From now on a file is rotated only after a checkpoint, and no more than {@link #MOST_UNSIGNED} records are without one. */
    void signWith(SigningKey signer) {
        key = Optional.of(signer);
    }

    /** The last record; absent while there is none. */
    Optional<Head> head() {
        return sequence == 0
                ? Optional.empty()
                : Optional.of(new Head(sequence, HexFormat.of().formatHex(hash)));
    }

    /** How many records are not signed yet; a checkpoint at the end needs none. */
    long unsigned() {
        return sequence - covered - (endsWithCheckpoint ? 1 : 0);
    }

    /** Whether the file only waits for a checkpoint to be rotated. */
    boolean isFull() {
        return settings.rotateBytes() > 0 && size >= settings.rotateBytes();
    }

    /** Starts a batch with what the log itself has to say first. */
    void begin() throws IOException {
        cutUncommitted();
        if (!outdatedLookedFor) {
            expire();
            outdatedLookedFor = true;
        }
        if (isFull() && (endsWithCheckpoint || key.isEmpty())) {
            rotate();
        }
        buffer.clear();
        batchSequence = sequence;
        batchCovered = covered;
        batchEndsWithCheckpoint = endsWithCheckpoint;
        System.arraycopy(hash, 0, batchHash, 0, HASH_BYTES);
        preface.forEach(this::add);
        if (key.isPresent() && unsigned() >= MOST_UNSIGNED) {
            add(key.get().sign(head().orElseThrow(), clock));
        }
    }

    /**
     * Adds a record to the batch.
     *
     * @return its sequence number, if the batch is committed
     * @throws AgentException if it is too large; then the batch is without it
     */
    long add(AuditEvent event) {
        int start = buffer.length();
        boolean complete = false;
        try {
            encode(event);
            requireSize(buffer.length() - start);
            complete = true;
        } finally {
            if (!complete) {
                buffer.cutTo(start);
            }
        }
        seal(start);
        batchEndsWithCheckpoint = event instanceof AuditEvent.Checkpoint;
        if (event instanceof AuditEvent.Checkpoint checkpoint) {
            batchCovered = checkpoint.head().sequence();
        }
        return ++batchSequence;
    }

    /** Whether it signs more than is signed already: what a batch signed by itself makes another one late. */
    boolean isNews(AuditEvent.Checkpoint checkpoint) {
        return checkpoint.head().sequence() > batchCovered;
    }

    private void encode(AuditEvent event) {
        buffer.raw(RecordLine.BEFORE_SEQUENCE).number(batchSequence + 1);
        buffer.raw(RecordLine.BEFORE_PREVIOUS).hex(batchHash).raw(RecordLine.BEFORE_TIME);
        encoder.time(clock.wall().instant());
        buffer.raw("\",\"mono\":").number(clock.monotonic().getAsLong());
        buffer.raw(",\"boot\":").string(clock.boot());
        encoder.event(event);
    }

    private static void requireSize(int bytes) {
        if (bytes > RecordLine.MAX_BYTES - RecordLine.SEAL_BYTES) {
            throw new AgentException(
                    FailureKind.AUDIT_UNAVAILABLE,
                    "the audit record of this request would be over " + RecordLine.MAX_BYTES + " bytes",
                    "ask for fewer secrets at once");
        }
    }

    private void seal(int start) {
        sha.update(buffer.bytes(), start, buffer.length() - start);
        try {
            sha.digest(batchHash, 0, HASH_BYTES);
        } catch (DigestException e) {
            throw new IllegalStateException("SHA-256 does not fit its own size", e);
        }
        buffer.raw(RecordLine.BEFORE_HASH).hex(batchHash).raw(RecordLine.END).raw('\n');
    }

    /** Writes the batch, as durable as configured. */
    void commit() throws IOException {
        if (buffer.length() == 0) {
            return;
        }
        unclean = true;
        file.append(buffer.bytes(), buffer.length());
        if (settings.durability() == Durability.FSYNC) {
            file.sync();
        }
        unclean = false;
        size += buffer.length();
        sequence = batchSequence;
        covered = batchCovered;
        endsWithCheckpoint = batchEndsWithCheckpoint;
        byte[] spare = hash;
        hash = batchHash;
        batchHash = spare;
        preface.clear();
    }

    /** Cuts off what a failed batch left. */
    void cutUncommitted() throws IOException {
        if (unclean) {
            file.cutTo(size);
            unclean = false;
        }
    }

    /** The current file gets its lasting name and a new one follows it. Each step may fail and be taken again. */
    private void rotate() throws IOException {
        Path path = settings.path();
        Head last = head().orElseThrow();
        Path rotated = ChainFiles.rotated(path, last);
        if (file.isAt(path)) {
            Files.move(path, rotated);
        } else if (Files.exists(path) && Files.size(path) > 0) {
            throw new IOException("another file was put in its place");
        }
        LogFile next = LogFile.open(path);
        file.close();
        file = next;
        size = 0;
        preface.addFirst(new AuditEvent.Continued(String.valueOf(rotated.getFileName()), last));
        if (settings.durability() == Durability.FSYNC) {
            syncFolder();
        }
        expire();
    }

    private void syncFolder() throws IOException {
        try (FileChannel folder = FileChannel.open(ChainFiles.folder(settings.path()), StandardOpenOption.READ)) {
            folder.force(true);
        }
    }

    /** Finds the rotated files that are no longer to be kept, and prepares the records that say so. */
    private void expire() throws IOException {
        if (settings.keep().isZero() || !outdated.isEmpty()) {
            return;
        }
        Instant oldest = clock.wall().instant().minus(settings.keep());
        for (ChainFiles.Rotated rotated : ChainFiles.allRotated(settings.path())) {
            if (!Files.getLastModifiedTime(rotated.path()).toInstant().isBefore(oldest)) {
                return;
            }
            preface.add(new AuditEvent.Removed(String.valueOf(rotated.path().getFileName())));
            outdated.add(rotated.path());
        }
    }

    /** Removes the files whose removal has been recorded. One that cannot be is found again at the next rotation. */
    void removeOutdated() throws IOException {
        if (!preface.isEmpty()) {
            return;
        }
        List<Path> recorded = List.copyOf(outdated);
        outdated.clear();
        for (Path path : recorded) {
            Files.deleteIfExists(path);
        }
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
