/**
 * Whether the agent serves, and why not.
 *
 * <p>One {@link dev.latchkey.agent.health.Readiness} is shared by everything that can keep the agent from serving and everything that
 * tells of it: the workload socket's CHECK, {@code agent ready}, the health address, systemd. Any thread may report and ask.
 */
@NullMarked
package dev.latchkey.agent.health;

import org.jspecify.annotations.NullMarked;
