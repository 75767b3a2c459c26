/**
 * The use case: from a caller's request to the bundle it gets, or to every reason why it gets none.
 *
 * <p>The order is the promise, and the code reads in it: parse the references, decide on names alone, append the grant or the refusal
 * to the audit log, look everything up, open the values straight into one wiped segment, ask the pidfd once more, hand over, record the outcome. A bundle is complete or
 * there is none.
 *
 * <p>One virtual thread runs one injection from end to end and may block; nothing is shared between two of them.
 */
@NullMarked
package dev.latchkey.agent.injection;

import org.jspecify.annotations.NullMarked;
