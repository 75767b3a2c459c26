/**
 * References to secrets of a Vault or OpenBao: {@code vault:web#api_key@3} is the field {@code api_key} of version 3 of {@code MOUNT/PATH/web}.
 *
 * <p>The path of a reference is the location, as it is written: it has one spelling, without {@code .}, {@code ..} and empty parts, and what it contains is
 * escaped on its way to the backend.
 *
 * <p>Credentials that the backend makes when they are asked for (engine {@code dynamic}) are made once for as many launches as ask within two thirds of
 * their lease, and then anew. Their lease is neither renewed nor ended by us, for who still holds them is not known; it ends by itself.
 *
 * <p>Nothing is kept here; any thread.
 */
@NullMarked
package dev.latchkey.agent.provider.vault;

import org.jspecify.annotations.NullMarked;
