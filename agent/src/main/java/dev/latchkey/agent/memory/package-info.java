/**
 * Memory for values and keys, and the process around it.
 *
 * <p>A {@link dev.latchkey.agent.memory.WipedSegment} is one anonymous mapping outside the heap: never moved or copied by
 * the collector, locked where the limit allows, left out of core dumps, gone from a forked child, and zeroed before it is given back.
 * Hardening makes the process itself undumpable.
 *
 * <p>SECURITY: values travel through these segments, never through pooled buffers; through exactly sized arrays zeroed at once only those
 * that a backend's client has in one anyway. A segment belongs to one thread at a time.
 */
@NullMarked
package dev.latchkey.agent.memory;

import org.jspecify.annotations.NullMarked;
