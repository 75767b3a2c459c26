/**
 * Installs the launcher with a group of its own, by which an agent can know it.
 *
 * <p>The file is written beside its place and renamed, so that there is never half a launcher. SECURITY: it runs with a right that its users
 * do not have, so nobody but root may be able to replace it: folders that others can change are refused, symbolic links are not followed,
 * and a file system that would ignore the group is refused rather than found out later. Nothing here is ever run by an agent that serves.
 */
@NullMarked
package dev.latchkey.agent.install;

import org.jspecify.annotations.NullMarked;
