package dev.latchkey.agent.cli;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** The path and query of a request, percent-encoded. */
final class Target {
    private final StringBuilder text;
    private boolean query;

    private Target(String path) {
        this.text = new StringBuilder(path);
    }

    /** A path that is written out, as in {@code /v1/secrets}. */
    static Target of(String path) {
        return new Target(path);
    }

    /** Adds a segment that varies. */
    Target segment(String segment) {
        text.append('/').append(encode(segment));
        return this;
    }

    /** Adds a literal segment. */
    Target verb(String verb) {
        text.append('/').append(verb);
        return this;
    }

    Target with(String name, Optional<?> value) {
        value.ifPresent(present -> {
            text.append(query ? '&' : '?').append(name).append('=').append(encode(present.toString()));
            query = true;
        });
        return this;
    }

    Target with(String name, Object value) {
        return with(name, Optional.of(value));
    }

    @Override
    public String toString() {
        return text.toString();
    }

    private static String encode(String part) {
        return URLEncoder.encode(part, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
