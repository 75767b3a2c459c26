/**
 * Attestation from what the Linux kernel says of a Unix socket.
 *
 * <p>Credentials and supplementary groups are those of whoever called {@code connect()}; they never change afterwards. From Linux 6.5 on the
 * kernel hands out a pidfd of that very process; below, a pidfd is opened by number and held against the process's start time, which leaves
 * a gap of one clock tick and is therefore called weak.
 *
 * <p>SECURITY: pid and start time alone are no pin, for a recycled pid can have the same. Nothing here needs a capability.
 * INVARIANT: a descriptor opened here is closed by {@code PinnedCaller.close} or before the exception leaves. Any thread.
 */
@NullMarked
package dev.latchkey.agent.workload.linux;

import org.jspecify.annotations.NullMarked;
