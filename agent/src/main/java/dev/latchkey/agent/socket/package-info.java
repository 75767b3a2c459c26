/**
 * What all servers do with their listening sockets: put one into the file system, and bear it when no more connections can be accepted.
 *
 * <p>A Unix socket is bound in a fresh folder of ours, gets its owner and mode there, and is renamed into place; only a socket that nobody listens
 * on is replaced, and only our own is removed. Binding itself is the servers' business, as is all that happens on a connection.
 *
 * <p>{@link dev.latchkey.agent.socket.SocketFile} is used by the one thread that starts and stops its server; {@link
 * dev.latchkey.agent.socket.AcceptPause} lives on the event loop of its channel.
 */
@NullMarked
package dev.latchkey.agent.socket;

import org.jspecify.annotations.NullMarked;
