package dev.latchkey.agent.audit;

import dev.latchkey.agent.workload.Caller;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** Writes the fields of events, every key always there and in one order: docs/reference/audit-log.md is this in words. */
final class RecordEncoder {
    private final JsonBuffer out;
    private long second = Long.MIN_VALUE;
    private String secondText = "";

    RecordEncoder(JsonBuffer out) {
        this.out = out;
    }

    /** The kind and its fields, from {@code ,"event":} on, without the closing brace. */
    void event(AuditEvent event) {
        switch (event) {
            case AuditEvent.Started started -> {
                kind("started").text("version", started.version()).text("policy", started.policyVersion());
            }
            case AuditEvent.Stopped _ -> kind("stopped");
            case AuditEvent.PolicyChanged changed -> kind("policy-changed").text("policy", changed.policyVersion());
            case AuditEvent.Grant grant -> {
                kind("grant").caller(grant.caller()).text("policy", grant.policyVersion());
                text("command", grant.command()).flag("dry", grant.dryRun()).items(grant.items());
            }
            case AuditEvent.Refusal refusal -> {
                kind("refusal").caller(refusal.caller()).text("policy", refusal.policyVersion());
                text("command", refusal.command()).flag("dry", refusal.dryRun()).items(refusal.items());
            }
            case AuditEvent.Outcome outcome -> {
                kind("outcome").number("grant", outcome.grant()).text("result", outcome.result());
                texts("versions", outcome.versions());
            }
            case AuditEvent.Rejected rejected -> {
                kind("rejected").caller(rejected.caller());
                text("code", rejected.code()).text("detail", rejected.detail());
            }
            case AuditEvent.AdminAction admin -> {
                kind("admin").actor(admin.actor()).text("action", admin.action());
                text("subject", admin.subject()).flag("allowed", admin.allowed());
            }
            case AuditEvent.Recovered recovered -> {
                kind("recovered").number("bytes", recovered.bytes()).number("offset", recovered.offset());
            }
            case AuditEvent.Resumed resumed -> {
                kind("resumed").key("since").raw('"');
                time(resumed.since());
                out.raw('"');
                number("refused", resumed.refused());
            }
            case AuditEvent.Continued continued -> {
                kind("continued")
                        .text("file", continued.file())
                        .text("last", continued.last().toString());
            }
            case AuditEvent.Checkpoint checkpoint -> {
                kind("checkpoint").text("head", checkpoint.head().toString()).text("signed", checkpoint.signed());
                text("key", checkpoint.key().hex()).text("signature", checkpoint.signature());
            }
            case AuditEvent.Removed removed -> kind("removed").text("file", removed.file());
        }
    }

    /** RFC 3339, UTC, always six digits of a second, without quotes. The text of the last second is kept: making it costs most. */
    void time(Instant instant) {
        if (instant.getEpochSecond() != second) {
            second = instant.getEpochSecond();
            String text = Instant.ofEpochSecond(second).toString();
            secondText = text.substring(0, text.length() - 1);
        }
        out.raw(secondText).raw('.');
        out.padded(instant.getNano() / 1000, 6).raw('Z');
    }

    private RecordEncoder kind(String kind) {
        return text("event", kind);
    }

    private JsonBuffer key(String key) {
        return out.raw(",\"").raw(key).raw("\":");
    }

    private RecordEncoder text(String key, String value) {
        key(key).string(value);
        return this;
    }

    private RecordEncoder text(String key, Optional<String> value) {
        key(key);
        textOrNull(value);
        return this;
    }

    private void textOrNull(Optional<String> value) {
        if (value.isPresent()) {
            out.string(value.get());
        } else {
            out.raw("null");
        }
    }

    private RecordEncoder number(String key, long value) {
        key(key).number(value);
        return this;
    }

    private RecordEncoder flag(String key, boolean value) {
        key(key).raw(value ? "true" : "false");
        return this;
    }

    private void texts(String key, Collection<String> values) {
        key(key).raw('[');
        String separator = "";
        for (String value : values) {
            out.raw(separator).string(value);
            separator = ",";
        }
        out.raw(']');
    }

    private RecordEncoder caller(Optional<Caller> caller) {
        if (caller.isPresent()) {
            return caller(caller.get());
        }
        key("caller").raw("null");
        return this;
    }

    private RecordEncoder caller(Caller caller) {
        key("caller").raw("{\"listener\":").string(caller.listener());
        number("pid", caller.pid()).number("uid", caller.uid()).number("gid", caller.gid());
        key("groups").raw('[');
        String separator = "";
        for (long group : caller.groups()) {
            out.raw(separator).number(group);
            separator = ",";
        }
        out.raw("]}");
        return this;
    }

    private RecordEncoder actor(AuditEvent.Actor actor) {
        key("actor").raw("{\"pid\":").number(actor.pid());
        number("uid", actor.uid()).number("gid", actor.gid()).text("role", actor.role());
        out.raw('}');
        return this;
    }

    private void items(List<AuditEvent.Item> items) {
        key("items").raw('[');
        String separator = "";
        for (AuditEvent.Item item : items) {
            out.raw(separator).raw("{\"target\":").string(item.target());
            text("location", item.location()).flag("allowed", item.allowed());
            text("rule", item.rule()).text("reason", item.reason()).flag("dangerous", item.dangerousName());
            out.raw('}');
            separator = ",";
        }
        out.raw(']');
    }
}
