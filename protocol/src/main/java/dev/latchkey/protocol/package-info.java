/**
 * The Java codec of the protocol between launcher and agent, exactly as {@code protocol/SPEC.md} has it.
 *
 * <p>Messages are immutable records that hold only what is within the limits of the specification; {@link
 * dev.latchkey.protocol.Code} is its error table. Decoding is strict, bounded and free of side effects: it allocates
 * nothing by a claimed length, and every deviation ends in a {@code MalformedException} that names its failure class.
 *
 * <p>INVARIANT: uses the JDK only, so that a test, a tool or another agent can use it without the agent's libraries.
 * Everything here may be used by any thread.
 */
@NullMarked
package dev.latchkey.protocol;

import org.jspecify.annotations.NullMarked;
