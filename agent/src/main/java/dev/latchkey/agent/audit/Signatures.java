package dev.latchkey.agent.audit;

import dev.latchkey.agent.audit.AuditVerification.Covered;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The checkpoints of a chain, one record after the other. The chain itself is checked before: here it only counts who signed what.
 *
 * <p>A log of a version that signed nothing has no checkpoints; from the first one on, none may be missing.
 */
final class Signatures {
    /**
     * The most records from one that is signed to the next that is. The agent leaves a quarter of it unsigned at the most, and as much
     * again where it was killed.
     */
    static final int MOST_UNSIGNED = 1 << 14;

    private static final Pattern SIGNATURE = Pattern.compile("[0-9a-f]{128}");

    private final Trust trust;

    /** The hashes of the last records, by sequence. */
    private final @Nullable Head[] recent = new Head[MOST_UNSIGNED];

    private @Nullable Covered covered;
    private boolean endsWithCheckpoint;
    private boolean first = true;

    Signatures(Trust trust) {
        this.trust = trust;
    }

    /** What is signed so far. */
    Optional<Covered> covered() {
        return Optional.ofNullable(covered);
    }

    /** The next record. */
    void accept(AuditRecord record) throws BadRecordException {
        requireEndOfFileBefore(record);
        if (first && record.sequence() > 1) {
            // What was before is no longer kept, but its last record is named and may be signed here.
            Head before = new Head(record.sequence() - 1, record.previous());
            recent[slot(before.sequence())] = before;
        }
        first = false;
        if (record.kind().equals("checkpoint")) {
            covered = check(record);
        } else if (covered != null && record.sequence() - covered.head().sequence() > MOST_UNSIGNED) {
            throw new BadRecordException(
                    Damage.CHECKPOINT_MISSING,
                    "no checkpoint signs any of the " + MOST_UNSIGNED + " records before it, after record "
                            + covered.head().sequence());
        }
        endsWithCheckpoint = record.kind().equals("checkpoint");
        recent[slot(record.sequence())] = record.head();
    }

    private void requireEndOfFileBefore(AuditRecord record) throws BadRecordException {
        if (record.kind().equals("continued") && covered != null && !endsWithCheckpoint) {
            throw new BadRecordException(
                    Damage.CHECKPOINT_MISSING,
                    "the file before does not end with a checkpoint, as a rotated file does");
        }
    }

    private Covered check(AuditRecord record) throws BadRecordException {
        Head head = head(record);
        CheckpointKey key = key(record);
        byte[] text = SigningKey.text(key, record.boot(), text(record, "signed"), head.toString());
        if (!key.signed(text, signature(record))) {
            throw bad("its signature is not that of the key " + key.shown() + " that it names");
        }
        return new Covered(head, key);
    }

    /** SECURITY: a signature of an earlier record is not taken again, and one of a record with another hash is of another log. */
    private Head head(AuditRecord record) throws BadRecordException {
        Head head = Head.find(text(record, "head")).orElseThrow(() -> bad("it does not name a record"));
        if (covered != null && head.sequence() <= covered.head().sequence()) {
            throw bad("it signs record " + head.sequence() + ", which was signed before");
        }
        Head there = head.sequence() < record.sequence() ? recent[slot(head.sequence())] : null;
        if (there == null || there.sequence() != head.sequence()) {
            throw bad("it signs record " + head.sequence() + ", which is not among those before it");
        }
        if (!there.equals(head)) {
            throw bad("what it signs is not the record " + head.sequence() + " that is there");
        }
        return head;
    }

    private CheckpointKey key(AuditRecord record) throws BadRecordException {
        String hex = text(record, "key");
        if (!CheckpointKey.isKey(hex)) {
            throw bad("it does not name a key");
        }
        CheckpointKey key = new CheckpointKey(hex);
        if (!trust.keys().isEmpty() && !trust.keys().contains(key)) {
            throw bad("it is signed by the key " + key.shown() + ", which is not "
                    + (trust.kept() ? "one that was given" : "the one in the agent's state folder"));
        }
        if (trust.keys().isEmpty() && covered != null && !covered.key().equals(key)) {
            throw bad("it is signed by the key " + key.shown() + ", the checkpoint before it by "
                    + covered.key().shown() + ": if both are the agent's, give both with --public-key");
        }
        return key;
    }

    private static byte[] signature(AuditRecord record) throws BadRecordException {
        String hex = text(record, "signature");
        if (!SIGNATURE.matcher(hex).matches()) {
            throw bad("it has no signature");
        }
        return HexFormat.of().parseHex(hex);
    }

    private static String text(AuditRecord record, String field) throws BadRecordException {
        if (record.fields().get(field) instanceof String text) {
            return text;
        }
        throw bad("it has no '" + field + "'");
    }

    private static BadRecordException bad(String what) {
        return new BadRecordException(Damage.SIGNATURE, what);
    }

    private static int slot(long sequence) {
        return (int) (sequence % MOST_UNSIGNED);
    }
}
