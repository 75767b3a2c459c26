package dev.latchkey.agent.audit;

import java.time.Instant;
import java.util.Optional;

/**
 * Which records to read; what is absent does not restrict.
 *
 * @param secret a location ({@code store:default/default/my-secret}), its path, or its last segment ({@code my-secret})
 * @param workload the name of a rule, or a uid in decimal
 * @param kind as in {@link AuditRecord#kind}
 * @param since the first moment, by the wall clock
 * @param until the first moment that is too late
 */
public record AuditQuery(
        Optional<String> secret,
        Optional<String> workload,
        Optional<String> kind,
        Optional<Instant> since,
        Optional<Instant> until) {
    /** Every record. */
    public static final AuditQuery ALL =
            new AuditQuery(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
}
