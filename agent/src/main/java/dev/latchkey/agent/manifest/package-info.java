/**
 * What the documents that a launcher sends say: manifests, annotated scripts, pipelines and templates.
 *
 * <p>A document is bytes that a workload chose, so it is read with the bounds of {@link dev.latchkey.agent.yaml.YamlReader} and means nothing yet: here
 * it is only taken apart, with everything that is wrong told at once by line and column. Which of its bindings count, and what they may have, is
 * decided where requests are carried out.
 *
 * <p>The patterns that an entry may have are taken apart ({@code PatternParser}), written out and matched ({@code PatternProgram}) here too, within a
 * number of steps for each request.
 *
 * <p>SECURITY: a message quotes names and references up to their options, never a literal or a default. Everything is immutable; any thread.
 */
@NullMarked
package dev.latchkey.agent.manifest;

import org.jspecify.annotations.NullMarked;
