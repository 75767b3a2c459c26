/**
 * From the text of a reference to its parts, and from a text with references in it to its pieces.
 *
 * <p>The grammar of a reference, with every error and its column, is that of {@code protocol/vectors/references.txt}, which the launcher's
 * parser runs too. Split first, decode after: separators are looked for in the text as written, so that a percent-encoded one is never
 * taken for a separator. {@link dev.latchkey.agent.reference.Template} is the one parser of <code>${…}</code>, for agent.yaml, manifests and
 * templates; it knows places, and what stands there means something only to whoever knows the document.
 *
 * <p>SECURITY: what stands after the first comma may be confidential ({@code default=}); messages show only what stands before it. No
 * state, no regular expressions; any thread.
 */
@NullMarked
package dev.latchkey.agent.reference;

import org.jspecify.annotations.NullMarked;
