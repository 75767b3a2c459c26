/**
 * Our own encrypted persistence on SQLite: projects, environments, secrets, immutable versions.
 *
 * <p>{@link dev.latchkey.agent.store.StateFolder} is the folder, private and locked to one agent; {@link
 * dev.latchkey.agent.store.EmbeddedStore} is the store in it. The database holds names and metadata in the clear and values
 * only as ciphertext that is bound to store, project, environment, name, version and data key. Data keys are in memory
 * unwrapped while the store is open; the database holds them wrapped under every configured KEK.
 *
 * <p>INVARIANT: a version number of a name is given once in the life of a store, purged or not. What a method reports as done
 * was flushed to disk (write-ahead log, synchronous=FULL).
 *
 * <p>Threads: one platform thread owns the writing connection, so that a flush never holds a virtual thread's carrier;
 * reads run on the caller's thread, as many at once as there are reading connections. SECURITY: no file here is opened by
 * anything but SQLite while SQLite has it open, for closing it would drop SQLite's locks.
 */
@NullMarked
package dev.latchkey.agent.store;

import org.jspecify.annotations.NullMarked;
