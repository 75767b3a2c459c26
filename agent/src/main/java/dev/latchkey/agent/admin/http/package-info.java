/**
 * The admin commands over HTTP/1.1 on a Unix socket.
 *
 * <p>Whoever connects is known before a byte is read: the {@link dev.latchkey.agent.admin.http.PeerCredentials} are taken at
 * accept, and a peer without a role, or over its quota, is answered and closed with its request unread. One connection carries one request.
 * {@link dev.latchkey.agent.admin.http.Routes} is the list of what can be asked; the OpenAPI document of the distribution is compared with it by a test.
 * The event loop frames, limits and writes; each request is carried out by one virtual thread.
 *
 * <p>SECURITY: a value is octets in one exactly sized array that is zeroed, never JSON and never a String. Every buffer of these
 * channels, a value's or not, comes from the {@link dev.latchkey.agent.admin.http.WipingAllocator}, which zeroes memory before it gives it back.
 */
@NullMarked
package dev.latchkey.agent.admin.http;

import org.jspecify.annotations.NullMarked;
