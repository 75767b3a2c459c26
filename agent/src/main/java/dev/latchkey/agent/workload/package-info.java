/**
 * Who asks: the caller's credentials as the kernel tells them, and what was attested from them.
 *
 * <p>A {@link dev.latchkey.agent.workload.Caller} is plain data taken at accept. A {@link
 * dev.latchkey.agent.workload.PinnedCaller} holds the pidfd that was taken with it; what is read about the process counts
 * only while that pidfd is alive, and it is asked once more right before secrets are written. The consumer's duty is to
 * close it.
 *
 * <p>INVARIANT: nothing here comes from what the caller sent. Uses the JDK only; immutable but for the pin.
 */
@NullMarked
package dev.latchkey.agent.workload;

import org.jspecify.annotations.NullMarked;
