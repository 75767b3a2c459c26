package dev.latchkey.agent.telemetry;

import java.util.Locale;

/** Every event that the agent logs. */
public enum Event {
    AGENT_READY,
    AGENT_DRAINING,
    AGENT_STOPPED,
    CONFIGURATION_LOADED,
    CONFIGURATION_REFUSED,
    KEY_FILE_CREATED,
    KEY_AWAY,
    KEY_BACK,
    HARDENING_INCOMPLETE,
    AOT_CACHE_UNUSED,
    AUDIT_UNAVAILABLE,
    AUDIT_RECOVERED,
    AUDIT_CUT,
    AUDIT_FILE_NOT_REMOVED,
    AUDIT_KEY_CREATED,
    CONNECTION_REJECTED,
    ADMIN_REFUSED,
    ADMIN_FAILED,
    STORE_MIGRATED,
    STATE_TIGHTENED,
    BACKEND_RESTING,
    BACKEND_ANSWERS,
    SERVED_STALE,
    LEASES_NOT_RENEWED,
    LEASE_ENDS,
    LEASES_FULL,
    LEASES_NOT_REVOKED,
    LIBRARY_MESSAGE,
    SERVICE_MANAGER_DEAF,
    SIGNAL_IGNORED,
    INTERNAL_FAULT;

    /** As it stands in a line: {@code agent-ready}. */
    public String text() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
