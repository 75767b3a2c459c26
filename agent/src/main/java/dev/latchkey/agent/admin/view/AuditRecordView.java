package dev.latchkey.agent.admin.view;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * One record of the audit log.
 *
 * @param kind as in {@code grant}, {@code refusal}, {@code outcome}, {@code admin}
 * @param uid of the caller or the operator
 * @param rules that decided
 * @param secrets locations it is about, {@code location@version} where delivered; of an admin command its subject
 * @param result how it ended; of a refusal what may not be had and why; of an admin command which it was, and its failure
 * @param record the record itself, as it was hashed
 */
public record AuditRecordView(
        long sequence,
        Instant time,
        String kind,
        Optional<Long> uid,
        List<String> rules,
        List<String> secrets,
        Optional<String> result,
        String hash,
        RawJson record) {
    /** Every kind. */
    public static final List<String> KINDS = List.of(
            "started",
            "stopped",
            "policy-changed",
            "grant",
            "refusal",
            "outcome",
            "rejected",
            "admin",
            "recovered",
            "resumed",
            "continued",
            "removed",
            "checkpoint");

    public AuditRecordView {
        rules = List.copyOf(rules);
        secrets = List.copyOf(secrets);
    }
}
