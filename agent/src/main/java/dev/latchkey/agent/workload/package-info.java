/**
 * Who asks: the caller's credentials as the kernel tells them, and what was attested from them.
 *
 * <p>A {@link dev.latchkey.agent.workload.Caller} is plain data taken at accept. A {@link
 * dev.latchkey.agent.workload.PinnedCaller} holds the pidfd that was taken with it; what is read about the process counts
 * only while that pidfd is alive, and it is asked once more right before secrets are written. Whoever gets one
 * closes it. A {@link dev.latchkey.agent.workload.Workload} is such a caller for one request: it learns a property of the process
 * when a rule first asks for it. A {@link dev.latchkey.agent.workload.PinnedProcess} is the process alone, for who keeps it beyond the exchange.
 *
 * <p>SECURITY: what could not be learnt is {@link dev.latchkey.agent.workload.Attested.Unknown}, which is neither yes nor no: who passes over a
 * rule because of it might serve by a wider one below.
 *
 * <p>INVARIANT: nothing here comes from what the caller sent, but for its {@link dev.latchkey.agent.workload.BearerToken}. Uses the JDK only; immutable
 * but for the pin and a workload, which belongs to one thread.
 */
@NullMarked
package dev.latchkey.agent.workload;

import org.jspecify.annotations.NullMarked;
