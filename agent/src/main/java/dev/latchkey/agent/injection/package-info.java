/**
 * The use case: from a caller's request to the bundle it gets, or to every reason why it gets none.
 *
 * <p>The order is the promise, and the code reads in it: parse the references, decide on names alone, append the grant or the refusal
 * to the audit log, look up everything that is allowed, ask the pidfd, open the values one by one straight into one wiped segment; then whoever
 * serves asks the pidfd once more, hands over and concludes. A bundle is complete or there is none, and every failing binding is told, with
 * one reason: a denial before whatever else is wrong with it. Where a binding fails the others are still tried, each opened and wiped at once, so
 * that all that is wrong is told in one answer; but where anything is denied nothing is opened.
 *
 * <p>What the options of a reference mean: {@code optional} and {@code default=} cover that the secret, the version or the field is not there, nothing
 * else. A default is delivered as written, neither decoded nor encoded. Line ends within a value are no obstacle to {@code decode}.
 *
 * <p>SECURITY: a value lies in memory outside the heap that is wiped before the next one is opened, also while its field is picked, it is decoded, encoded
 * or checked: a collection leaves copies of arrays. It becomes no String, and passes through no library.
 *
 * <p>One virtual thread runs one injection from end to end and may block; two of them share nothing but {@link
 * dev.latchkey.agent.injection.Settings}, an immutable snapshot that is replaced as a whole when the configuration is read again.
 */
@NullMarked
package dev.latchkey.agent.injection;

import org.jspecify.annotations.NullMarked;
