/**
 * What can go wrong, as one closed list, and the one exception that carries it.
 *
 * <p>A refusal that a caller must be told about is a value ({@link dev.latchkey.agent.failure.Failure}); where it has to
 * cross frames that cannot go on, it travels in an {@link dev.latchkey.agent.failure.AgentException}. A bug is an {@code
 * IllegalStateException} and nothing else. Messages are lower case, without a full stop; they say what failed and on which
 * named thing; the hint says what to do.
 *
 * <p>SECURITY: no message, hint or cause may hold a secret value or a backend's response body; both reach logs and users.
 * Everything here is immutable and may be used by any thread.
 */
@NullMarked
package dev.latchkey.agent.failure;

import org.jspecify.annotations.NullMarked;
