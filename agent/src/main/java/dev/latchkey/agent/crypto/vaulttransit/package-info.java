/**
 * A KEK in the Transit engine of a Vault or OpenBao.
 *
 * <p>The engine encrypts data keys and never shows its own. What a data key is bound to goes along as associated data, so only key types with
 * authenticated encryption are used. A generation is a version of the key: its id has the engine's path, the number, and when the version was made, which
 * tells a key that was deleted and made anew under the same name from the one before it.
 *
 * <p>SECURITY: data keys travel as base64 in JSON; these bodies are arrays that are wiped, never Strings. Any thread.
 */
@NullMarked
package dev.latchkey.agent.crypto.vaulttransit;

import org.jspecify.annotations.NullMarked;
