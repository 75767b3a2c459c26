/**
 * The workload sockets: frames, limits, hand-over, reply.
 *
 * <p>A connection is one state machine on one event loop: it reads a frame within a deadline and a bound, hands a request to a virtual thread that
 * calls the {@code Injector}, and writes the one answer. A delivery's block is written from the very segment it was made in.
 * The caller is attested and pinned before the first byte is read, and its pidfd is asked again right before values are written.
 *
 * <p>SECURITY: a bundle that was handed over is closed on every path: written, failed, timed out, caller gone, discarded, drained. No frame makes
 * the agent allocate more than the bytes that really came. One uid cannot use up all connections, nor fill the audit log with what was rejected.
 *
 * <p>INVARIANT: nothing on an event loop blocks: the injector and the audit log are called on virtual threads only.
 */
@NullMarked
package dev.latchkey.agent.server;

import org.jspecify.annotations.NullMarked;
