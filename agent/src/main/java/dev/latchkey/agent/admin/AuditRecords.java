package dev.latchkey.agent.admin;

import dev.latchkey.agent.admin.view.AuditRecordView;
import dev.latchkey.agent.admin.view.HeadView;
import java.time.Instant;
import java.util.Optional;

/** Port: the audit log as it is read while it is written, never more than one record of it in memory for one who reads. May block. */
public interface AuditRecords {
    /** The last record that was appended. */
    HeadView head();

    /**
     * Hands over the last records, oldest first, as long as they are taken.
     *
     * @param count 1 or more
     */
    void tail(int count, Recipient<? super AuditRecordView> to);

    /** Hands over the records that the filter selects, oldest first, as long as they are taken. */
    void query(Filter filter, Recipient<? super AuditRecordView> to);

    /**
     * What to select; all that is present must fit.
     *
     * @param secret a name, or more of its location
     * @param workload a rule's name
     * @param kind one of {@link AuditRecordView#kind}
     * @param since no record before it
     * @param until no record from it on
     */
    record Filter(
            Optional<String> secret,
            Optional<String> workload,
            Optional<String> kind,
            Optional<Instant> since,
            Optional<Instant> until) {}
}
