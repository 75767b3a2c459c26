/**
 * JSON as bytes: fields are picked out of a document without a copy of any other, and names are told.
 *
 * <p>SECURITY: written by hand because a library's parser keeps what it reads in pooled buffers and Strings that nobody wipes. No state; any thread.
 */
@NullMarked
package dev.latchkey.agent.json;

import org.jspecify.annotations.NullMarked;
