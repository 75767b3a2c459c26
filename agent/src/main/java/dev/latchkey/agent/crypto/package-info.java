/**
 * Envelope encryption: values under data keys, data keys under key-encryption keys.
 *
 * <p>A {@link dev.latchkey.agent.crypto.DataKey} seals values with AES-256-GCM under a random 96-bit nonce; {@link
 * dev.latchkey.agent.crypto.KeyEncryptionKey} is the port behind which a data key is wrapped, by a key file here, by a key
 * service elsewhere. Whatever is sealed is bound to its name by {@link dev.latchkey.agent.crypto.AssociatedData}, so that
 * a ciphertext moved to another name does not open.
 *
 * <p>SECURITY: plaintext stands only in exactly sized arrays: a cipher that is given a larger or a direct buffer keeps a
 * copy of its own. Temporaries that held a key or a value are zeroed where they were made. One data key seals at most
 * {@link dev.latchkey.agent.crypto.DataKey#MAX_SEALS} times; whoever keeps the key counts.
 *
 * <p>Uses the JDK's cryptography only. Everything here may be used by any thread.
 */
@NullMarked
package dev.latchkey.agent.crypto;

import org.jspecify.annotations.NullMarked;
