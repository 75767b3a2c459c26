/**
 * What operators can do, who may do it, and the record of it.
 *
 * <p>Each command is a method that takes the {@link dev.latchkey.agent.admin.Operator} the kernel told us of. Before anything else
 * its role is compared with what the {@link dev.latchkey.agent.admin.Action} asks for, and the command or its refusal is
 * appended to the audit log; only then is it carried out, and its end is recorded too. If the log cannot be written nothing is done.
 * {@code ready} and {@code status} alone are not recorded: they tell nothing of secrets and must answer when the log cannot be written.
 *
 * <p>SECURITY: no result holds a value, except that of {@code reveal}, which is refused unless the configuration names the operator's
 * role. All methods may block; any thread.
 */
@NullMarked
package dev.latchkey.agent.admin;

import org.jspecify.annotations.NullMarked;
