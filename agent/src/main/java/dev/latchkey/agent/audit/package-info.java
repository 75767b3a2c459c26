/**
 * The durable record of every grant, refusal and admin action.
 *
 * <p>No secret leaves before its grant is in the log: {@link dev.latchkey.agent.audit.AuditLog#append} returns only when the record is as
 * durable as configured, and throws when it is not, in which case nothing may be looked up or served. Records are chained by hash, numbered
 * without gaps and hold names and versions, never values.
 *
 * <p>{@link dev.latchkey.agent.audit.FileAuditLog} writes, by one leader at a time: {@code ChainWriter} numbers, links and seals what
 * {@code RecordEncoder} says. {@link dev.latchkey.agent.audit.AuditReader} reads and verifies, with or without an agent; it
 * trusts nothing in the file. The form is in docs/reference/audit-log.md.
 *
 * <p>SECURITY: this package cannot see {@code SecretValue}; an architecture test keeps it so. Any thread may append; one
 * owner writes.
 */
@NullMarked
package dev.latchkey.agent.audit;

import org.jspecify.annotations.NullMarked;
