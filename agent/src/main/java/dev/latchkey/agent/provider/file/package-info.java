/**
 * References to files below one folder: {@code files:db/password} is the file {@code db/password} there, byte for byte.
 *
 * <p>SECURITY: a path is the name on which policy decides, so it has one spelling: no {@code ..}, no {@code .}, no empty part. Links count only as long
 * as they stay below the folder. Files have no versions; what stands for one is the time of their last change, since a digest would let a short
 * value be guessed from the audit log.
 *
 * <p>Nothing is kept; any thread.
 */
@NullMarked
package dev.latchkey.agent.provider.file;

import org.jspecify.annotations.NullMarked;
