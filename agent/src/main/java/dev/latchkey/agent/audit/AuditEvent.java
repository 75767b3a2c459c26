package dev.latchkey.agent.audit;

import dev.latchkey.agent.workload.Caller;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** What is worth remembering for ever. References are shown up to their first comma; nothing here is ever a value. */
public sealed interface AuditEvent {
    /**
     * The agent began to serve.
     *
     * @param version the agent's own
     */
    record Started(String version, String policyVersion) implements AuditEvent {}

    /** The agent stopped in good order. */
    record Stopped() implements AuditEvent {}

    /** A configuration was put in force while running. */
    record PolicyChanged(String policyVersion) implements AuditEvent {}

    /** Everything asked for is allowed; written before anything is looked up. */
    record Grant(Caller caller, String policyVersion, Optional<String> command, boolean dryRun, List<Item> items)
            implements AuditEvent {
        public Grant {
            items = List.copyOf(items);
        }
    }

    /** Something asked for is denied, so nothing is served. */
    record Refusal(Caller caller, String policyVersion, Optional<String> command, boolean dryRun, List<Item> items)
            implements AuditEvent {
        public Refusal {
            items = List.copyOf(items);
        }
    }

    /**
     * How a grant ended.
     *
     * @param grant the sequence number of the grant or refusal
     * @param result {@code delivered}, {@code planned} (a dry run), {@code connection-lost}, or the code of the first failure
     * @param versions one for each item that was delivered, as {@code location@version}, with {@code  (stale)} behind it if its backend
     *     could not confirm it
     */
    record Outcome(long grant, String result, List<String> versions) implements AuditEvent {
        public Outcome {
            versions = List.copyOf(versions);
        }
    }

    /** A request that was refused before it could name anything: malformed, over a limit, from a caller that could not be attested. */
    record Rejected(Optional<Caller> caller, String code, String detail) implements AuditEvent {}

    /**
     * An admin command. Written before it is carried out; its end is an {@link Outcome} of this record.
     *
     * @param actor uid and role of the peer
     * @param action the command, as in {@code secret put}
     * @param subject what it is about, as in {@code default/default/my-secret}; may be empty
     */
    record AdminAction(Actor actor, String action, String subject, boolean allowed) implements AuditEvent {
        /** Stands between two subjects of which one is brought to the other. */
        public static final String TO = " to ";
    }

    /**
     * A record that a crash left unfinished at the end of the log was cut off when the log was opened.
     *
     * @param bytes how many were cut
     * @param offset where in the file the cut was made
     */
    record Recovered(long bytes, long offset) implements AuditEvent {}

    /**
     * The log can be written again. First record after an outage, in which nothing was served.
     *
     * @param refused how many events could not be appended
     */
    record Resumed(Instant since, long refused) implements AuditEvent {}

    /**
     * The first record of a file that follows another.
     *
     * @param file the name of the file before, in the same folder
     * @param last the last record of that file
     */
    record Continued(String file, Head last) implements AuditEvent {}

    /**
     * Signs everything up to a record that came before it.
     *
     * @param head of that record
     * @param signed when, RFC 3339, UTC, whole seconds
     * @param key whose signature it is
     * @param signature 64 bytes in lower-case hexadecimal
     */
    record Checkpoint(Head head, String signed, CheckpointKey key, String signature) implements AuditEvent {}

    /** A rotated file is older than is to be kept; its name tells its last record. Written before the file is removed. */
    record Removed(String file) implements AuditEvent {}

    /**
     * One binding of a request.
     *
     * @param location what it means, {@code provider:path}
     * @param rule absent: none matched
     * @param reason why it is not allowed: what the policy says, or the code of what is wrong with the binding; absent if it is allowed
     */
    record Item(
            String target,
            String location,
            boolean allowed,
            Optional<String> rule,
            Optional<String> reason,
            boolean dangerousName) {}

    /** Who used the admin interface. */
    record Actor(int pid, long uid, long gid, String role) {}
}
