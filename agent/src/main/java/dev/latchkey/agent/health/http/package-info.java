/**
 * The health address: {@code /ready} and {@code /live} over HTTP, and nothing else, for probes that cannot run a command.
 *
 * <p>{@code /live} says that the process answers; {@code /ready} is {@link dev.latchkey.agent.health.Readiness}. SECURITY: whoever reaches the address may
 * ask, so an answer is the name of a state and never its reasons, which name files and providers. Event loop only.
 */
@NullMarked
package dev.latchkey.agent.health.http;

import org.jspecify.annotations.NullMarked;
