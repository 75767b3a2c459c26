package dev.latchkey.agent.audit;

import dev.latchkey.agent.failure.AgentException;

/** Where audit events are kept. */
public interface AuditLog {
    /**
     * Appends one event, as durable as configured.
     *
     * @return its sequence number, from 1, without gaps
     * @throws AgentException of kind {@code AUDIT_UNAVAILABLE}; then nothing was appended and nothing may be served
     */
    long append(AuditEvent event);

    /** Whether an append would now take no longer than handing a few bytes to the kernel. */
    default boolean appendsAtOnce() {
        return false;
    }
}
