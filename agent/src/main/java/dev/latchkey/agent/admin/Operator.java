package dev.latchkey.agent.admin;

import dev.latchkey.agent.audit.AuditEvent;

/** Who uses the admin interface, as the kernel said when the connection was accepted. */
public record Operator(int pid, long uid, long gid, Role role) {
    AuditEvent.Actor actor() {
        return new AuditEvent.Actor(pid, uid, gid, role.text());
    }
}
