/**
 * Which live process holds which version: from the moment when a bundle was handed over until the process has ended, whatever it has executed since.
 *
 * <p>The pidfd that attestation took is kept, not another one and not a copy: it stays that very process through every {@code execve}, tells its end
 * to an epoll, and takes signals. {@link dev.latchkey.agent.consumers.Consumers#delivered} is called where launches are served, and costs one system call
 * and a small entry; one thread waits for ends, and rests after it has heard of some, so that a crowd of short launches wakes it twenty times a second
 * and not once each. That a process has ended may therefore be noticed a moment late, and never does harm: its pidfd is no other process's.
 *
 * <p>Tracking never stands in the way of serving. There is room for so many processes, of which one user cannot have the last; what has no room is counted,
 * and its leases are left to end by themselves. INVARIANT: a hold on a lease is ended only where its process is known to have ended or to have got
 * another version. When the agent stops the processes go on, so nothing of theirs is given back.
 *
 * <p>All of it is in memory: an agent that starts knows of no consumer. Any thread.
 */
@NullMarked
package dev.latchkey.agent.consumers;

import org.jspecify.annotations.NullMarked;
