package dev.latchkey.agent.backend.http;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Optional;

/** Where a backend listens. */
public sealed interface Endpoint {
    /**
     * Over TCP.
     *
     * @param path what every path begins with; empty, or with a leading and without a final slash
     */
    record Tcp(boolean tls, String host, int port, String path) implements Endpoint {
        @Override
        public String toString() {
            return (tls ? "https://" : "http://") + host + ":" + port + path;
        }
    }

    /** A Unix socket. */
    record Unix(String socket) implements Endpoint {
        @Override
        public String toString() {
            return "unix://" + socket;
        }
    }

    /** What every path begins with. */
    default String prefix() {
        return switch (this) {
            case Tcp tcp -> tcp.path();
            case Unix _ -> "";
        };
    }

    /** {@code https://HOST[:PORT][/PATH]}, the same with {@code http}, or {@code unix:///PATH}; absent if it is none, or has user, query or fragment. */
    static Optional<Endpoint> parse(String text) {
        try {
            URI uri = new URI(text);
            boolean bare = uri.getRawUserInfo() == null && uri.getRawQuery() == null && uri.getRawFragment() == null;
            String scheme = Optional.ofNullable(uri.getScheme()).orElse("");
            return switch (scheme) {
                case "https", "http" -> bare && uri.getHost() != null ? Optional.of(tcp(uri)) : Optional.empty();
                case "unix" -> bare ? unix(uri) : Optional.empty();
                default -> Optional.empty();
            };
        } catch (URISyntaxException e) {
            return Optional.empty();
        }
    }

    private static Endpoint tcp(URI uri) {
        boolean tls = uri.getScheme().equals("https");
        int port = uri.getPort() >= 0 ? uri.getPort() : tls ? 443 : 80;
        return new Tcp(tls, uri.getHost(), port, uri.getRawPath().replaceAll("/+$", ""));
    }

    private static Optional<Endpoint> unix(URI uri) {
        boolean absolute = uri.getRawAuthority() == null
                && Optional.ofNullable(uri.getPath()).orElse("").startsWith("/");
        return absolute ? Optional.of(new Unix(uri.getPath())) : Optional.empty();
    }
}
