package dev.latchkey.agent.audit;

import dev.latchkey.agent.audit.AuditVerification.Problem;
import java.io.IOException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** One verification of a chain, from its oldest file to its end or to the first thing that is wrong. */
final class Verifier {
    private final Trust trust;
    private final Signatures signatures;
    private final MessageDigest sha = RecordLine.sha256();
    private final RecordParser parser = new RecordParser();
    private final List<Path> read = new ArrayList<>();
    private final Map<Long, AuditRecord> unconcluded = new TreeMap<>();
    private final Set<String> removed = new HashSet<>();

    private @Nullable RecordLine last;
    private @Nullable AuditRecord first;
    private long records;

    Verifier(Trust trust) {
        this.trust = trust;
        this.signatures = new Signatures(trust);
    }

    AuditVerification verify(Path file, Patience patience) throws IOException {
        ChainWalk files = new ChainWalk(file, 0, patience);
        Optional<Problem> problem = Optional.empty();
        Optional<ForwardLines> lines = files.next();
        while (lines.isPresent()) {
            try (ForwardLines open = lines.get()) {
                read.add(open.path());
                problem = verify(open);
            }
            lines = problem.isEmpty() ? files.next() : Optional.empty();
        }
        return result(problem.or(this::beginning).or(() -> end(file)).or(() -> unsigned(file)));
    }

    private Optional<Problem> verify(ForwardLines lines) throws IOException {
        try {
            for (var line = lines.next(); line.isPresent(); line = lines.next()) {
                accept(line.get());
            }
            if (lines.unfinished() > 0) {
                throw new BadRecordException(
                        Damage.CUT, "cut: " + lines.unfinished() + " bytes of a record without an end");
            }
            return Optional.empty();
        } catch (BadRecordException e) {
            return Optional.of(problem(lines, e));
        }
    }

    /** A record that is not there may still come: then it was moved. */
    private Problem problem(ForwardLines lines, BadRecordException e) throws IOException {
        long line = lines.number();
        long offset = lines.offset();
        long expected = expected();
        Optional<Long> later = e.damage() == Damage.REMOVED ? find(lines, expected) : Optional.empty();
        return new Problem(
                lines.path(),
                line,
                offset,
                expected,
                later.isPresent() ? Damage.REORDERED : e.damage(),
                later.map(at -> "record " + expected + " comes only in line " + at)
                        .orElse(String.valueOf(e.getMessage())));
    }

    private Optional<Long> find(ForwardLines lines, long sequence) throws IOException {
        try {
            for (var line = lines.next(); line.isPresent(); line = lines.next()) {
                if (RecordLine.read(line.get(), sha).sequence() == sequence) {
                    return Optional.of(lines.number());
                }
            }
        } catch (BadRecordException _) {
            // What is wrong behind the first wrong record is not told.
        }
        return Optional.empty();
    }

    private void accept(byte[] bytes) throws BadRecordException {
        RecordLine line = RecordLine.read(bytes, sha);
        AuditRecord record = parser.parse(line, bytes);
        if (last == null) {
            requireBeginning(line, record);
        } else {
            requireNext(last, line);
        }
        requireGiven(line);
        signatures.accept(record);
        last = line;
        records++;
        note(record);
    }

    /** The oldest record is the first of all, or the first of a file whose predecessor it names. */
    private void requireBeginning(RecordLine line, AuditRecord record) throws BadRecordException {
        boolean begins = line.sequence() == 1 && line.previous().equals(RecordLine.NO_HASH);
        if (!begins && !isContinuation(line, record)) {
            throw new BadRecordException(
                    Damage.REMOVED, "the log begins in the middle of a chain: this is record " + line.sequence());
        }
        first = record;
    }

    private static boolean isContinuation(RecordLine line, AuditRecord record) {
        return record.kind().equals("continued")
                && (line.sequence() - 1 + ":" + line.previous())
                        .equals(record.fields().get("last"));
    }

    private static void requireNext(RecordLine last, RecordLine line) throws BadRecordException {
        if (line.sequence() <= last.sequence()) {
            throw new BadRecordException(
                    Damage.INSERTED, "this is another record " + line.sequence() + ", which was there already");
        }
        if (line.sequence() > last.sequence() + 1) {
            throw new BadRecordException(
                    Damage.REMOVED,
                    "this is record " + line.sequence() + ": " + (line.sequence() - last.sequence() - 1)
                            + " before it are missing");
        }
        if (!line.previous().equals(last.hash())) {
            throw new BadRecordException("it does not follow the record before it: that one was changed or replaced");
        }
    }

    private void requireGiven(RecordLine line) throws BadRecordException {
        Optional<Head> given = trust.head();
        if (given.isPresent()
                && given.get().sequence() == line.sequence()
                && !given.get().hash().equals(line.hash())) {
            throw new BadRecordException(
                    "its hash is not that of the head given: it or a record before it was changed");
        }
    }

    private void note(AuditRecord record) {
        if (record.isLaunch() || record.isAllowedAction()) {
            unconcluded.put(record.sequence(), record);
        }
        record.concludes().ifPresent(unconcluded::remove);
        if (record.kind().equals("removed") && record.fields().get("file") instanceof String file) {
            removed.add(file);
        }
    }

    /** Files may be missing before the oldest, but only if a later record says that the agent removed them. */
    private Optional<Problem> beginning() {
        if (first == null || first.sequence() == 1) {
            return Optional.empty();
        }
        String before = String.valueOf(first.fields().get("file"));
        return removed.contains(before)
                ? Optional.empty()
                : Optional.of(new Problem(
                        read.getFirst(),
                        1,
                        0,
                        first.sequence(),
                        Damage.REMOVED,
                        "the file before, " + before + ", is missing and was not removed by the agent"));
    }

    private Optional<Problem> end(Path newest) {
        if (trust.head().isEmpty()) {
            return Optional.empty();
        }
        long wanted = trust.head().get().sequence();
        long end = last == null ? 0 : last.sequence();
        if (wanted > end) {
            return Optional.of(new Problem(
                    newest,
                    0,
                    0,
                    expected(),
                    Damage.REMOVED,
                    "the log ends before record " + wanted + " of the head given: records are missing"));
        }
        if (first != null && wanted < first.sequence()) {
            return Optional.of(new Problem(
                    newest,
                    0,
                    0,
                    first.sequence(),
                    Damage.NOT_KEPT,
                    "record " + wanted + " of the head given is no longer kept: compare a later head"));
        }
        return Optional.empty();
    }

    /** With a key, a log without any signature proves nothing. */
    private Optional<Problem> unsigned(Path newest) {
        return !trust.kept() || signatures.covered().isPresent()
                ? Optional.empty()
                : Optional.of(new Problem(
                        newest,
                        0,
                        0,
                        expected(),
                        Damage.CHECKPOINT_MISSING,
                        "a key was given, but no checkpoint is in the log"));
    }

    private long expected() {
        return last == null ? 1 : last.sequence() + 1;
    }

    private AuditVerification result(Optional<Problem> problem) {
        return new AuditVerification(
                read,
                records,
                first == null ? 0 : first.sequence(),
                Optional.ofNullable(last).map(RecordLine::head),
                trust,
                signatures.covered(),
                problem,
                unconcluded.values().stream().filter(AuditRecord::isLaunch).toList(),
                unconcluded.values().stream()
                        .filter(record -> !record.isLaunch())
                        .toList());
    }
}
