/**
 * What a file of somebody else's tool holds that is to be imported: its formats in, names with values out.
 *
 * <p>SECURITY: JSON is read as octets where it lies ({@link dev.latchkey.agent.json.JsonPart}); the only copies are the values that come out, which
 * {@link dev.latchkey.agent.imports.Entries} wipes. What is wrong with one secret is told beside its name and keeps no other from being told; what is wrong
 * with the whole file is an {@code AgentException} that says nothing of its content.
 *
 * <p>Nothing is kept and nothing is asked; one thread.
 */
@NullMarked
package dev.latchkey.agent.imports;

import org.jspecify.annotations.NullMarked;
