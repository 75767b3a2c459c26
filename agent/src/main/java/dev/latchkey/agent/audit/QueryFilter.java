package dev.latchkey.agent.audit;

import java.util.HashSet;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * A query at work on the records of a log in their order.
 *
 * <p>An outcome names neither caller nor, if nothing was delivered, secret: it goes with the record that it concludes.
 */
final class QueryFilter implements Predicate<AuditRecord> {
    private final AuditQuery query;
    private final Set<Long> unconcluded = new HashSet<>();

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
            unconcluded.add(record.sequence());
        }
        return about;
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
