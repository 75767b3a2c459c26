/**
 * Where the agent is put together: the only package that knows every other and constructs their parts.
 *
 * <p>{@link dev.latchkey.agent.Main} hands the command line to {@code cli}. {@code agent run} comes back to {@link
 * dev.latchkey.agent.AgentProcess}, which loads the configuration, hardens the process and turns signals into orders, and holds one {@link
 * dev.latchkey.agent.Agent}: its constructor is the order of start, its {@code close} the order of stop.
 *
 * <p>What may change while it runs is one immutable {@link dev.latchkey.agent.InForce}, swapped whole.
 */
@NullMarked
package dev.latchkey.agent;

import org.jspecify.annotations.NullMarked;
