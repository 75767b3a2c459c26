/**
 * Files of the machine that hold secrets.
 *
 * <p>A file is opened once and judged by its descriptor, so that nothing can take its place between the check and the reading; its content goes
 * through one direct buffer that is zeroed. No state; any thread.
 */
@NullMarked
package dev.latchkey.agent.backend.file;

import org.jspecify.annotations.NullMarked;
