/**
 * References to connections of a {@code .bruin.yml}: {@code bruin:NAME} is the connection of that name in one environment of the file.
 *
 * <p>A generic connection is its value; any other is the compact JSON of its fields, {@code name} included, and tells its type. {@code ${VAR}} in values
 * is the agent's variable, once and after the YAML was parsed, never in keys; what it became is not looked at again.
 *
 * <p>The file is read at each look-up. Nothing is kept; any thread.
 */
@NullMarked
package dev.latchkey.agent.provider.bruin;

import org.jspecify.annotations.NullMarked;
