/**
 * What {@code agent.yaml} says, checked as a whole before anything starts.
 *
 * <p>{@link dev.latchkey.agent.config.ConfigLoader} turns a file into an {@link dev.latchkey.agent.config.AgentConfig} or into every
 * {@link dev.latchkey.agent.yaml.Problem} that it has, each with line and column; there is no half-read configuration. What the
 * file leaves out is what an agent without any file has. It goes in four steps: {@code YamlReader} gives nodes with positions,
 * the types in {@code Keys} read them into a {@code Draft}, {@code Assembly} checks what must fit together, and the result is immutable.
 *
 * <p>Each key is defined once, in {@code Keys}: reading, the JSON Schema and the reference page all come from that
 * definition. A key whose capability is still to come is known and refused by name.
 *
 * <p>{@link dev.latchkey.agent.config.Places} says where files and sockets lie. Loading is pure in the file, the environment and
 * the machine's accounts, so reading again on SIGHUP is loading again; {@code ReloadDiff} tells what the
 * running agent can take over.
 *
 * <p>SECURITY: values may come from {@code ${env:…}} and {@code ${file:…}}; a message quotes what the file says, never what it
 * became, save the names of rules, which every decision shows. Everything public is immutable; any thread.
 */
@NullMarked
package dev.latchkey.agent.config;

import org.jspecify.annotations.NullMarked;
