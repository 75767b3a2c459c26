/**
 * A key-encryption key in a file that only its owner can read.
 *
 * <p>The file is text: a line {@code latchkey-key-1}, then one line for each generation, the newest first: its id, when it
 * was made, the key in hexadecimal. An id is derived from its line, so a damaged line is found before it is used. The file
 * is only ever replaced as a whole: written beside, flushed, renamed.
 *
 * <p>SECURITY: the key is read for each use and wiped after it, so that the process does not hold it between uses. The file
 * passes through buffers of our own, which are zeroed; the JDK's convenience methods leave copies in cached ones. A file that group or others can
 * read is refused, except one that root provides to group root, as systemd's credentials are.
 *
 * <p>Any thread; changes are serialized by the one owner of the store.
 */
@NullMarked
package dev.latchkey.agent.crypto.keyfile;

import org.jspecify.annotations.NullMarked;
