/**
 * One YAML document as nodes that know where they stand, and the problems that are found in it.
 *
 * <p>Read from the parser's tokens: nothing is bound, and no type is constructed. Whoever knows what a document means reads the nodes. {@link
 * dev.latchkey.agent.yaml.Problems} collects everything that is wrong, so that all is told at once.
 *
 * <p>SECURITY: documents come from whoever may connect, as much as from the operator. Size, nesting and the number of documents are bounded
 * before anything is built from them; anchors, aliases and tags are refused. A reader belongs to one thread; nodes are immutable.
 */
@NullMarked
package dev.latchkey.agent.yaml;

import org.jspecify.annotations.NullMarked;
