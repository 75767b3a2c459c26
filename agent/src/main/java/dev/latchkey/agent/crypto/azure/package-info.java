/**
 * A KEK in an Azure Key Vault or a managed HSM: an RSA key that wraps data keys under RSA-OAEP-256 and never leaves the vault.
 *
 * <p>Wrapping with RSA takes no associated data, so what a data key is bound to is wrapped with it, as a digest that is compared after unwrapping. A
 * generation is an enabled version of the key; versions are random numbers of 128 bits, so one names its key for good, in whatever vault a backup of it was
 * restored.
 *
 * <p>SECURITY: whoever knows the public half of the key can wrap. A forged wrap opens nothing that is stored, but who can write the database could put a key
 * that they know in the place of another; docs/guide/azure.md says so. Data keys travel as base64 in JSON; these bodies are arrays that are wiped, never
 * Strings. Any thread.
 */
@NullMarked
package dev.latchkey.agent.crypto.azure;

import org.jspecify.annotations.NullMarked;
