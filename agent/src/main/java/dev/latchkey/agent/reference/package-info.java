/**
 * From the text of a reference to its parts.
 *
 * <p>The grammar, with every error and its column, is that of {@code protocol/vectors/references.txt}, which the launcher's parser runs
 * too. Split first, decode after: separators are looked for in the text as written, so that a percent-encoded one is never
 * taken for a separator.
 *
 * <p>SECURITY: what stands after the first comma may be confidential ({@code default=}); messages show only what stands before it. No
 * state, no regular expressions; any thread.
 */
@NullMarked
package dev.latchkey.agent.reference;

import org.jspecify.annotations.NullMarked;
