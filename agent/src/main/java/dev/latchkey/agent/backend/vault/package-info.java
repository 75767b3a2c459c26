/**
 * Vault and OpenBao: requests, logging in, and what their answers mean.
 *
 * <p>A token is got at the first request and renewed, or got anew, before it ends; a request that is denied under a token that we logged in for is made
 * once more under a new one, which takes its place only if that is not denied too. A standby that names the active node is followed once, never to another scheme; of several nodes the one that
 * last answered is asked first, and the others where it cannot answer.
 *
 * <p>SECURITY: what is wrong is told by the status alone. Bodies are wiped, and no text of theirs is ever told. Any thread.
 */
@NullMarked
package dev.latchkey.agent.backend.vault;

import org.jspecify.annotations.NullMarked;
