/**
 * References to the lines of one {@code .env} file, in the dialect that its users know: comments, {@code export}, quotes. Values are literal: nothing in
 * them is ever expanded.
 *
 * <p>The file is read at each look-up, so that a change counts at the next launch. Nothing is kept; any thread.
 */
@NullMarked
package dev.latchkey.agent.provider.dotenv;

import org.jspecify.annotations.NullMarked;
