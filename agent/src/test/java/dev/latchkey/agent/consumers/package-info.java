/** Fakes of processes and of their watch, for the tests of whoever works with consumers. */
@NullMarked
package dev.latchkey.agent.consumers;

import org.jspecify.annotations.NullMarked;
