package dev.latchkey.agent.server;

import dev.latchkey.agent.audit.AuditLog;
import dev.latchkey.agent.consumers.Deliveries;
import dev.latchkey.agent.health.Readiness;
import dev.latchkey.agent.injection.Injector;
import dev.latchkey.agent.telemetry.Log;
import dev.latchkey.agent.workload.WorkloadAttestor;

/** What the server works for and with. */
public record Services(
        Injector injector,
        WorkloadAttestor attestor,
        Deliveries deliveries,
        Readiness readiness,
        AuditLog audit,
        Log log) {}
