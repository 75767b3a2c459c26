/**
 * References to secrets of a Vault or OpenBao: {@code vault:web#api_key@3} is the field {@code api_key} of version 3 of {@code MOUNT/PATH/web}.
 *
 * <p>The path of a reference is the location, as it is written: it has one spelling, without {@code .}, {@code ..} and empty parts, and what it contains is
 * escaped on its way to the backend.
 *
 * <p>Credentials that the backend makes when they are asked for (engine {@code dynamic}) come with their lender, which renews their lease and takes it
 * back. When that is due is the cache's to know.
 *
 * <p>Nothing is kept here; any thread.
 */
@NullMarked
package dev.latchkey.agent.provider.vault;

import org.jspecify.annotations.NullMarked;
