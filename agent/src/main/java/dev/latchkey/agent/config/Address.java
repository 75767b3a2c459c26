package dev.latchkey.agent.config;

import java.net.InetAddress;
import java.net.InetSocketAddress;

/**
 * A TCP address to listen on.
 *
 * @param port 1 to 65535
 */
public record Address(InetAddress host, int port) {
    public Address {
        if (port < 1 || port > 65535) {
            throw new IllegalArgumentException("a port is 1 to 65535");
        }
    }

    public InetSocketAddress toSocketAddress() {
        return new InetSocketAddress(host, port);
    }
}
