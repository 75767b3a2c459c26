package dev.latchkey.agent.audit;

import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * A query at work on the records of a log in their order.
 *
 * <p>An outcome names neither caller nor, if nothing was delivered, secret: it goes with the record that it concludes. Of records that have
 * no outcome yet only the last {@value #MOST_UNCONCLUDED} are remembered: more are never under way at a time, what is older was left by a crash.
 */
final class QueryFilter implements Predicate<AuditRecord> {
    static final int MOST_UNCONCLUDED = 1 << 16;

    private final AuditQuery query;
    private final Set<Long> unconcluded = new LinkedHashSet<>();

    QueryFilter(AuditQuery query) {
        this.query = query;
    }

    @Override
    public boolean test(AuditRecord record) {
        return isAboutIt(record)
                && query.kind().map(record.kind()::equals).orElse(true)
                && query.since().map(since -> !record.time().isBefore(since)).orElse(true)
                && query.until().map(record.time()::isBefore).orElse(true);
    }

    private boolean isAboutIt(AuditRecord record) {
        if (query.secret().isEmpty() && query.workload().isEmpty()) {
            return true;
        }
        if (record.concludes().isPresent()) {
            return unconcluded.remove(record.concludes().get());
        }
        boolean about =
                query.secret().map(secret -> namesSecret(record, secret)).orElse(true)
                        && query.workload()
                                .map(workload -> namesWorkload(record, workload))
                                .orElse(true);
        if (about) {
            remember(record.sequence());
        }
        return about;
    }

    private void remember(long sequence) {
        if (unconcluded.size() == MOST_UNCONCLUDED) {
            unconcluded.remove(unconcluded.iterator().next());
        }
        unconcluded.add(sequence);
    }

    private static boolean namesWorkload(AuditRecord record, String workload) {
        return record.rules().contains(workload)
                || record.uid().map(uid -> uid.toString().equals(workload)).orElse(false);
    }

    private static boolean namesSecret(AuditRecord record, String secret) {
        return record.secrets().stream()
                .flatMap(subject -> Stream.of(subject.split(AuditEvent.AdminAction.TO, 2)))
                .anyMatch(location -> names(location, secret));
    }

    /** The whole location, or an end of it behind the provider's colon or a slash. */
    private static boolean names(String location, String secret) {
        if (!location.endsWith(secret) || secret.isEmpty()) {
            return false;
        }
        int before = location.length() - secret.length() - 1;
        return before < 0 || location.charAt(before) == '/' || location.charAt(before) == ':';
    }
}
