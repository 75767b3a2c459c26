/**
 * HTTP/1.1 to the backends of providers, over TCP, TLS or a Unix socket, one connection for each request.
 *
 * <p>It does as little as that needs, and what could hurt it refuses: a body has a limit, everything together a deadline that nothing can stretch (not
 * name resolution, not a handshake, not a byte a second), a compressed body is not opened, and a redirect is an answer like any other, which the
 * client of a backend follows only as far as it trusts it.
 *
 * <p>SECURITY: bodies are arrays that their receiver wipes; nothing of a body is ever in a message. Any thread.
 */
@NullMarked
package dev.latchkey.agent.backend.http;

import org.jspecify.annotations.NullMarked;
