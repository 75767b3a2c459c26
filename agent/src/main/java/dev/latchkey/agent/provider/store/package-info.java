/**
 * References to our own store.
 *
 * <p>A path is {@code NAME}, in the project and environment of the request, or {@code PROJECT/ENVIRONMENT/NAME}; a version is
 * a positive integer. The location is always the whole name, so policy never depends on how a reference was written.
 *
 * <p>Values are delivered byte for byte. That an object with nothing but {@code value} stands for that value is a rule for secrets that a
 * backend holds as objects; the store holds bytes, and what was put is what is delivered.
 *
 * <p>No state of its own; any thread.
 */
@NullMarked
package dev.latchkey.agent.provider.store;

import org.jspecify.annotations.NullMarked;
