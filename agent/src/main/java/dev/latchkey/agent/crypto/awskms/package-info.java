/**
 * A key of AWS KMS as a KEK. It is made, rotated and destroyed there; the agent needs no more than to describe it, encrypt and decrypt.
 *
 * <p>What is wrapped is bound to its store, its use (the project) and its id by KMS's encryption context, which also stands in CloudTrail. A key that KMS
 * rotates stays one generation, for KMS finds the older material by itself. A multi-Region key has one id in all of its regions, so any of them opens what
 * another wrapped.
 *
 * <p>SECURITY: decrypting names the key, so that a ciphertext under another key of the account is refused. Any thread.
 */
@NullMarked
package dev.latchkey.agent.crypto.awskms;

import org.jspecify.annotations.NullMarked;
