/**
 * Envelope encryption: values under data keys, data keys under key-encryption keys.
 *
 * <p>A {@link dev.latchkey.agent.crypto.DataKey} seals values with AES-256-GCM under a random 96-bit nonce; {@link
 * dev.latchkey.agent.crypto.KeyEncryptionKey} is the port behind which a data key is wrapped, by a key file here, by a key
 * service elsewhere. Whatever is sealed is bound to its name by {@link dev.latchkey.agent.crypto.AssociatedData}, so that
 * a ciphertext moved to another name does not open.
 *
 * <p>SECURITY: keys live outside the heap, in {@link dev.latchkey.agent.crypto.KeyMemory}; plaintext stands there too, or in exactly sized
 * arrays. Temporaries that held a key or a value are zeroed where they were made. One data key seals at most
 * {@link dev.latchkey.agent.crypto.DataKey#MAX_SEALS} times; whoever keeps the key counts.
 *
 * <p>The cipher is the native library's, because the JDK's leaves copies in the heap (ADR 18). Everything here may be used by any thread.
 */
@NullMarked
package dev.latchkey.agent.crypto;

import org.jspecify.annotations.NullMarked;
