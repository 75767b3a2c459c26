package dev.latchkey.agent.audit;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What verifying a log found.
 *
 * @param files read, oldest first
 * @param records found good
 * @param first the sequence number of the oldest record that is still kept; 0 for an empty log
 * @param last the newest good record; absent for an empty log
 * @param trust what was kept elsewhere and compared
 * @param covered what is signed; absent: nothing is
 * @param problem the first thing that is wrong; nothing after it was read
 * @param launches grants without an outcome: the agent was killed while serving them, or serves them still
 * @param actions admin commands without an outcome, likewise
 */
public record AuditVerification(
        List<Path> files,
        long records,
        long first,
        Optional<Head> last,
        Trust trust,
        Optional<Covered> covered,
        Optional<Problem> problem,
        List<AuditRecord> launches,
        List<AuditRecord> actions) {
    public AuditVerification {
        files = List.copyOf(files);
        launches = List.copyOf(launches);
        actions = List.copyOf(actions);
    }

    /** Whether nothing is wrong; records without an outcome are not wrong. */
    public boolean intact() {
        return problem.isEmpty();
    }

    /** What it found in sentences for an operator: the problem if there is one, the extent, what the promise rests on. */
    public List<String> report() {
        List<String> lines = new ArrayList<>();
        problem.ifPresent(found -> lines.add(found.toString()));
        lines.add(extent());
        lines.add(covered.map(this::signed).orElse("not signed: there is no checkpoint"));
        lines.add(trust.head()
                .map(head -> (intact() ? "matches" : "compared with") + " the head " + head)
                .orElseGet(this::withoutHead));
        launches.forEach(grant -> lines.add("launch without an outcome: " + describe(grant)));
        actions.forEach(action -> lines.add("admin command without an outcome: " + describe(action)));
        return lines;
    }

    private String extent() {
        String good = records == 1 ? "1 good record" : records + " good records";
        return last.map(head -> good + ", from sequence " + first + " to " + head)
                .orElse(good);
    }

    private String signed(Covered signed) {
        String by = trust.kept()
                ? ", which was given"
                : ", no --public-key given: 'agent audit key' prints one to keep elsewhere";
        return "signed up to sequence " + signed.head().sequence() + " by the key "
                + signed.key().shown() + by;
    }

    private String withoutHead() {
        boolean known = covered.isPresent() && trust.kept();
        return known
                ? "no head given: accidents only behind that, and not whether the end is missing"
                : "no head given: accidents only";
    }

    private static String describe(AuditRecord record) {
        String uid = record.uid().map(id -> ", uid " + id).orElse("");
        return "sequence " + record.sequence() + " at " + record.time() + uid + ", "
                + String.join(" ", record.secrets());
    }

    /**
     * What checkpoints sign.
     *
     * @param head of the last record that is signed
     * @param key by which
     */
    public record Covered(Head head, CheckpointKey key) {}

    /**
     * The first thing that is wrong.
     *
     * @param file in which
     * @param line from 1; 0: the file as a whole
     * @param offset of that line's first byte
     * @param sequence the number that is expected there
     * @param what is wrong, without the place
     */
    public record Problem(Path file, long line, long offset, long sequence, Damage damage, String what) {
        @Override
        public String toString() {
            String place = line == 0 ? "" : " line " + line + " (byte " + offset + ")";
            return file + place + ", sequence " + sequence + ": " + what;
        }
    }
}
