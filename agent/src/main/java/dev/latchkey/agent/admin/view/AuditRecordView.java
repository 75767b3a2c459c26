package dev.latchkey.agent.admin.view;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * One record of the audit log.
 *
 * @param kind {@code started}, {@code stopped}, {@code policy-changed}, {@code grant}, {@code refusal}, {@code outcome}, {@code rejected} or
 *     {@code admin-action}
 * @param about of an outcome, the record whose end it tells
 * @param listener the socket it came in by
 * @param action of an admin action, the command; of a launch, the program
 * @param decision {@code allow}, {@code deny}; of an outcome its result, of a rejection its code
 * @param rules of a launch, the rules that decided
 * @param subjects what it is about: locations, or {@code location@version} where delivered
 * @param detail what else there is to say
 */
public record AuditRecordView(
        long sequence,
        Instant time,
        String kind,
        Optional<Long> about,
        Optional<String> listener,
        Optional<Integer> pid,
        Optional<Long> uid,
        Optional<Long> gid,
        Optional<String> role,
        Optional<String> action,
        Optional<String> decision,
        List<String> rules,
        List<String> subjects,
        Optional<String> detail) {
    public AuditRecordView {
        rules = List.copyOf(rules);
        subjects = List.copyOf(subjects);
    }
}
