package dev.latchkey.agent.admin;

import dev.latchkey.agent.audit.AuditEvent;
import dev.latchkey.agent.audit.AuditLog;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;

/** Lets a command be carried out only by who may, and only between its two audit records. */
public final class Accountability {
    /** How a command ended that did what it was to do. */
    static final String DONE = "done";

    private static final String NO_ROLE =
            "root and the agent's own user are admin; the configuration's admin.roles gives roles to others";

    private final AuditLog log;
    private final Supplier<Access> access;

    /** The access in force is asked for anew with every command. */
    public Accountability(AuditLog log, Supplier<Access> access) {
        this.log = log;
        this.access = access;
    }

    /** The access in force now. */
    public Access access() {
        return access.get();
    }

    /**
     * Refuses a peer that has no role, before anything that it sent was read.
     *
     * @throws AgentException {@code FORBIDDEN}
     */
    public void admit(Operator operator) {
        if (operator.role() == Role.NONE) {
            refuse(operator, Action.CONNECT, "", "uid " + operator.uid() + " has no admin role", NO_ROLE);
        }
    }

    /** Records and carries out a command that touches no version. */
    <T> T perform(Operator operator, Action action, String subject, Supplier<T> command) {
        return perform(operator, action, subject, command, _ -> List.of());
    }

    /**
     * @param versions what of the result the outcome names
     */
    <T> T perform(
            Operator operator,
            Action action,
            String subject,
            Supplier<T> command,
            Function<? super T, List<String>> versions) {
        authorize(operator, action, subject);
        // INVARIANT: the record comes first; if it cannot be written this throws and nothing is done.
        long record = log.append(new AuditEvent.AdminAction(operator.actor(), action.text(), subject, true));
        T result = carryOut(record, command);
        conclude(action, new AuditEvent.Outcome(record, DONE, versions.apply(result)));
        return result;
    }

    private void authorize(Operator operator, Action action, String subject) {
        if (!operator.role().includes(action.least())) {
            refuse(
                    operator,
                    action,
                    subject,
                    "'" + action.text() + "' needs the role " + action.least().text() + ", uid " + operator.uid()
                            + " is " + operator.role().text(),
                    "the configuration's admin.roles gives roles to users and groups");
        }
        if (action == Action.SECRET_REVEAL && !access().mayReveal(operator)) {
            refuse(
                    operator,
                    action,
                    subject,
                    "values are not shown to the role " + operator.role().text(),
                    "the configuration's admin.reveal names who may be shown values");
        }
    }

    private void refuse(Operator operator, Action action, String subject, String message, String hint) {
        log.append(new AuditEvent.AdminAction(operator.actor(), action.text(), subject, false));
        throw new AgentException(FailureKind.FORBIDDEN, message, hint);
    }

    private <T> T carryOut(long record, Supplier<T> command) {
        try {
            return command.get();
        } catch (AgentException e) {
            fail(record, e.kind().text(), e);
            throw e;
        } catch (RuntimeException | Error e) {
            fail(record, FailureKind.INTERNAL.text(), e);
            throw e;
        }
    }

    /** The command's own failure is what the operator must hear of, the log's goes along with it. */
    private void fail(long record, String result, Throwable failure) {
        try {
            log.append(new AuditEvent.Outcome(record, result, List.of()));
        } catch (AgentException e) {
            failure.addSuppressed(e);
        }
    }

    private void conclude(Action action, AuditEvent.Outcome outcome) {
        try {
            log.append(outcome);
        } catch (AgentException e) {
            throw new AgentException(
                    new Failure(
                            e.kind(),
                            "'" + action.text() + "' was carried out, but its end could not be recorded: "
                                    + e.getMessage(),
                            e.failure().hint()),
                    e);
        }
    }
}
