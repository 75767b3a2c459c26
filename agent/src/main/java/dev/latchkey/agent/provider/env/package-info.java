/**
 * References to variables of the agent's own environment, as they were when it started.
 *
 * <p>SECURITY: the agent's environment may hold credentials of the agent. A {@code prefix} narrows what can be named at all, whatever a rule allows.
 * Any thread.
 */
@NullMarked
package dev.latchkey.agent.provider.env;

import org.jspecify.annotations.NullMarked;
