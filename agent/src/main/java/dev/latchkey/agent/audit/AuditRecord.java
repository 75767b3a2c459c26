package dev.latchkey.agent.audit;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * One record as it was read back, of a known kind or not.
 *
 * @param head its sequence number and hash
 * @param previous the hash of the record before it
 * @param time by the wall clock when it was written; order is by sequence, never by time
 * @param monotonic nanoseconds since the machine started, comparable among records of one {@code boot}
 * @param boot the kernel's id of that start
 * @param kind {@code grant}, {@code refusal}, {@code outcome}, …: docs/reference/audit-log.md lists them
 * @param fields what the kind adds, in order; values are {@code String}, {@code Long}, {@code Boolean}, {@code null}, {@code List} and {@code Map} of the same
 * @param json the record itself, one line of JSON in printable ASCII, without the newline
 */
public record AuditRecord(
        Head head,
        String previous,
        Instant time,
        long monotonic,
        String boot,
        String kind,
        Map<String, Object> fields,
        String json) {
    /** What {@link #row} gives, in this order: the header of a table or of a CSV file. */
    public static final List<String> COLUMNS = List.of("sequence", "time", "kind", "uid", "rule", "secret", "result");

    public AuditRecord {
        fields = Collections.unmodifiableMap(new LinkedHashMap<>(fields));
    }

    public long sequence() {
        return head.sequence();
    }

    /** One text for each of {@link #COLUMNS}; several rules or secrets are joined by a space, what is absent is empty. */
    public List<String> row() {
        return List.of(
                Long.toString(sequence()),
                time.toString(),
                kind,
                uid().map(String::valueOf).orElse(""),
                String.join(" ", rules()),
                String.join(" ", secrets()),
                result());
    }

    /** The uid of the caller, or of the operator. */
    public Optional<Long> uid() {
        return number(member("caller"), "uid").or(() -> number(member("actor"), "uid"));
    }

    /** The rules that decided. */
    public Set<String> rules() {
        Set<String> rules = new LinkedHashSet<>();
        items().forEach(item -> text(item, "rule").ifPresent(rules::add));
        return rules;
    }

    /** The locations it is about; for an outcome {@code location@version}; for an admin command its subject. */
    public Set<String> secrets() {
        Set<String> secrets = new LinkedHashSet<>();
        items().forEach(item -> text(item, "location").ifPresent(secrets::add));
        for (Object version : list("versions")) {
            secrets.add(String.valueOf(version));
        }
        text(fields, "subject").filter(subject -> !subject.isEmpty()).ifPresent(secrets::add);
        return secrets;
    }

    /** The sequence number of the record whose end this outcome tells. */
    public Optional<Long> concludes() {
        return kind.equals("outcome") ? number(fields, "grant") : Optional.empty();
    }

    /** Whether it is a grant that is more than a dry run. */
    public boolean isLaunch() {
        return kind.equals("grant") && !isDryRun();
    }

    /** Whether it is a grant, of a launch or of a dry run. */
    public boolean isLaunchOrPlan() {
        return kind.equals("grant");
    }

    public boolean isDryRun() {
        return Boolean.TRUE.equals(fields.get("dry"));
    }

    /** Of a refusal, what may not be had and why: only why if nothing else was asked for. */
    public List<String> denials() {
        List<Map<?, ?>> items = items();
        return items.stream()
                .filter(item -> !Boolean.TRUE.equals(item.get("allowed")))
                .map(item -> {
                    String reason = text(item, "reason").orElse("denied");
                    return items.size() == 1 ? reason : text(item, "location").orElse("?") + ": " + reason;
                })
                .distinct()
                .toList();
    }

    /** Whether it is an admin command that was carried out. */
    public boolean isAllowedAction() {
        return kind.equals("admin") && Boolean.TRUE.equals(fields.get("allowed"));
    }

    /** An outcome's result, a rejection's code, an admin command; otherwise empty. */
    public String result() {
        Optional<String> said = text(fields, "result").or(() -> text(fields, "code"));
        return said.or(() -> text(fields, "action")).orElse("");
    }

    private List<Map<?, ?>> items() {
        List<Map<?, ?>> items = new ArrayList<>();
        for (Object item : list("items")) {
            if (item instanceof Map<?, ?> map) {
                items.add(map);
            }
        }
        return items;
    }

    private List<?> list(String key) {
        return fields.get(key) instanceof List<?> list ? list : List.of();
    }

    private Map<?, ?> member(String key) {
        return fields.get(key) instanceof Map<?, ?> map ? map : Map.of();
    }

    private static Optional<Long> number(Map<?, ?> map, String key) {
        return map.get(key) instanceof Long number ? Optional.of(number) : Optional.empty();
    }

    private static Optional<String> text(Map<?, ?> map, String key) {
        return map.get(key) instanceof String text ? Optional.of(text) : Optional.empty();
    }
}
